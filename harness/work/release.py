"""What students are given: an edition of the workbook without answers, or a course for nbgrader.

An edition has what is named here, and nothing else that lies about: the questions with hints and references, the data sets, the
program, a README, and stubs in place of the answers. It lacks the answers, the edits that make mistakes in them (each quotes
lines of an answer), and the notebooks (they show all answers). mistakes.toml stays: it says in words what is wrong with an
answer that is there, a check shows it, and no line of an answer stands in it (a test looks).
"""

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import harness
from harness.frameworks import FRAMEWORKS
from harness.messages import WorkbookError
from harness.tasks import ROOT, Task, answer_path, names, require_answers, trained_path
from harness.tasks.question import LANGUAGES
from harness.work import edition, nbgrader, stub
from harness.work.files import task_named

PACKAGE = Path(harness.__file__).resolve().parent
OF_A_TASK = (*LANGUAGES.values(), "hints.md", "mistakes.toml", "program.py", "task.toml",
             "reference/data.npz", "reference/fingerprints.json")
DOCS = ("docs/lockstep.md", "docs/alignment.md")        # what questions link to
PROJECT = ("LICENSE", "constraints-build.txt", "requirements.txt")
SUFFIXES = (".py", ".css", ".jinja", ".json", ".sha256", ".png", ".LICENSE")  # of the program and the data sets
LINK = re.compile(r"(!?)\[([^\]\n]*)\]\(([^)\s]+)\)")
CONFIG = """\
c = get_config()
c.Execute.timeout = 300         # seconds a cell; the last one of each notebook is a check
"""


def student_edition(folder: Path, tasks: Sequence[str] = (), frameworks: Sequence[str] = tuple(FRAMEWORKS),
                    root: Path = ROOT) -> list[Path]:
    """Write an edition with ``tasks``, or with all, into the new ``folder``, whole or not at all; returns its stubs.

    Raises WorkbookError.
    """
    chosen = _chosen(tasks, root)
    if not (root / "pyproject.toml").is_file():
        raise WorkbookError(f"an edition is made from the workbook's own folder, and {root} has no pyproject.toml: "
                            "an installed workbook lacks what students set theirs up with")
    with _new(folder, root) as new:
        for name in (*PROJECT, *DOCS, *(f"questions/{task.name}/{name}" for task in chosen for name in OF_A_TASK)):
            _copy(root / name, new / name)
        for task in chosen:
            if (trained := trained_path(task.name, root)).is_file():
                _copy(trained, trained_path(task.name, new))
        for source, name in ((PACKAGE, "harness"), (root / "datasets", "datasets")):
            shutil.copytree(source, new / name, ignore=_foreign)
        stubs = [_stub(task, framework, new) for task in chosen for framework in frameworks if answer_path(task, framework).is_file()]
        _write(new / "pyproject.toml", edition.pyproject((root / "pyproject.toml").read_text(encoding="utf-8")))
        for language, name in LANGUAGES.items():
            _write(new / name, edition.readme(language, chosen, frameworks))
        for page in sorted(new.rglob("*.md")):
            _link(page, root / page.relative_to(new), new)
    return [folder / path.relative_to(new) for path in stubs]


def nbgrader_course(folder: Path, points: Mapping[str, float], tasks: Sequence[str] = (), frameworks: Sequence[str] = tuple(FRAMEWORKS),
                    root: Path = ROOT) -> list[Path]:
    """Write a course for nbgrader into the new ``folder``, whole or not at all: an assignment for each task and framework, with
    our answers, which nbgrader takes out. ``points``: of each rung. Returns the notebooks. Raises WorkbookError.
    """
    chosen, written = _chosen(tasks, root), []
    with _new(folder, root) as new:
        _write(new / "nbgrader_config.py", CONFIG)
        for task in chosen:
            for framework in (f for f in frameworks if answer_path(task, f).is_file()):
                name = f"{task.name}_{framework}"
                written.append(Path("source") / name / f"{name}.ipynb")
                _write(new / written[-1], nbgrader.source(task, framework, points))
    return [folder / path for path in written]


def _chosen(tasks: Sequence[str], root: Path) -> list[Task]:
    require_answers(root)
    chosen = [task_named(name, root) for name in dict.fromkeys(tasks or names(root))]
    for task in chosen:
        if not any(answer_path(task, framework).is_file() for framework in FRAMEWORKS):
            raise WorkbookError(f"'{task.name}' has no answer that a stub could be made of")
    return chosen


@contextmanager
def _new(folder: Path, root: Path) -> Iterator[Path]:
    """A folder beside ``folder`` that becomes it at the end of the block; if that is not reached, nothing of it stays.

    Raises WorkbookError, before the block, where there is something already, or where the workbook itself is.
    """
    folder = folder.resolve()
    for inside in (PACKAGE, *((root / name).resolve() for name in ("answers", "questions", "datasets", "notebooks"))):
        if folder.is_relative_to(inside):
            raise WorkbookError(f"{folder} is inside {inside}, which is the workbook's own; name a folder elsewhere")
    if folder.exists() and not folder.is_dir():
        raise WorkbookError(f"{folder} is no folder; name a new one")
    if folder.is_dir() and (any(folder.iterdir()) or folder == Path.cwd()):
        raise WorkbookError(f"{folder} is {'where you are' if folder == Path.cwd() else 'not empty'}, and nothing was written; "
                            "name a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.with_name(f".{folder.name}.{uuid4().hex}.part")
    new.mkdir()
    try:
        yield new
        if folder.is_dir():
            folder.rmdir()          # only where it is still empty
        os.rename(new, folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _foreign(folder: str, entries: list[str]) -> list[str]:
    """What is not the program's: for copytree."""
    here = Path(folder)
    return [name for name in entries if name.startswith(".") or name == "__pycache__" or (here == PACKAGE and name == "content")
            or ((here / name).is_file() and not name.endswith(SUFFIXES))]


def _stub(task: Task, framework: str, new: Path) -> Path:
    path = new / "stubs" / task.name / f"{task.name}_{framework}.py"
    _write(path, stub.of(task, framework))
    return path


def _link(page: Path, original: Path, new: Path) -> None:
    """Have every link of a page lead somewhere: pictures come along; what is not in the edition is words without a link."""
    def mended(match: re.Match[str]) -> str:
        picture, words, target = match.groups()
        path = target.partition("#")[0]
        if ":" in target or not path:
            return match[0]
        if path == "../README.md":              # the path through all questions; here the README has them
            return f"[{words}](../../README.md)"
        here = Path(os.path.normpath(page.parent / path))
        if picture and here.is_relative_to(new):
            _copy(original.parent / path, here)
        if here.exists() and here.is_relative_to(new):
            return match[0]
        return "" if picture else words

    page.write_text(LINK.sub(mended, page.read_text(encoding="utf-8")), encoding="utf-8")
