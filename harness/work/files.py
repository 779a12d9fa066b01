"""A learner's files: finding one from as little as was said, and writing one."""

import re
from pathlib import Path

from harness import tasks
from harness.frameworks import FRAMEWORKS, IMPORTED, named
from harness.messages import WorkbookError, command
from harness.tasks import Task, in_root
from harness.work import progress

WORK = Path("work")
SUFFIXES = (".py", ".ipynb")
CALLED = "<task>_<framework>.py, such as vae_pytorch.py"
MODULES = {modules[0]: framework for framework, modules in IMPORTED.items()}        # what a file imports -> its framework


def file_of(task: str, framework: str, work: Path) -> Path:
    """Where a learner's answer is: a file, or a notebook where there is one."""
    path = work / task / f"{task}_{framework}.py"
    notebook = path.with_suffix(".ipynb")
    return notebook if notebook.is_file() and not path.is_file() else path


def find(what: str | None, framework: str | None, work: Path, root: Path, name: str | None = None) -> tuple[Task, str, Path]:
    """The task, framework and file that a command is about, from as little as was said; ``name``: of the task, where ``what`` is
    a file that does not say it. Raises WorkbookError."""
    framework = framework and named(framework)
    if what is None and name is None:
        last = progress.load(work).last
        if not last:
            raise WorkbookError(f"name a task or a file; no task was started yet in {work} (`{_begin('TASK', 'F', work, root)}` "
                                "starts one)")
        what, framework = last[0], framework or last[1]
    if what is not None and is_answer(what):
        return _of_file(Path(what), framework, root, name)
    if what is not None and (name is not None or Path(what).is_file()):
        raise WorkbookError(f"{what} is not a .py or .ipynb file; name an answer {CALLED}")
    task = task_named(name or what or "", root)
    there = [f for f in FRAMEWORKS if file_of(task.name, f, work).is_file()]
    if framework is None and len(there) != 1:
        raise WorkbookError(f"'{task.name}' was started in {', '.join(there)}; choose one with --framework" if there else
                            f"'{task.name}' was not started; `{_begin(task.name, 'F', work, root)}` starts it")
    framework = framework or there[0]
    path = file_of(task.name, framework, work)
    if not path.is_file():
        raise WorkbookError(f"there is no {path}; `{_begin(task.name, framework, work, root)}` writes it")
    return task, framework, path


def in_work(work: Path) -> list[str]:
    """What a command that is printed says of ``work``: nothing where it is the usual one."""
    return [] if work == WORK else ["--work", str(work)]


def _begin(task: str, framework: str, work: Path, root: Path) -> str:
    return command("start", task, "-f", framework, *in_work(work), *in_root(root))


def is_answer(what: str) -> bool:
    """Whether a command was given a file, rather than the name of a task."""
    return Path(what).suffix.lower() in SUFFIXES


def inside(path: Path, work: Path) -> bool:
    """Whether a file is in the learner's folder: what lies elsewhere may be somebody else's."""
    return path.resolve().is_relative_to(work.resolve())


def task_named(name: str, root: Path) -> Task:
    """The task that is meant by ``name``. Raises WorkbookError if there is none."""
    return tasks.load(tasks.named(name, root), "check", root)


def said(stem: str, folder: str, known: set[str]) -> tuple[str | None, str | None]:
    """The task, one of ``known``, and the framework that the names of a file and of its folder say; None for what they do not."""
    match = re.fullmatch(rf"(\w+)_({'|'.join(FRAMEWORKS)})", tasks.plain(stem))
    called = (match[1] if match else tasks.plain(stem), tasks.plain(folder))
    return next((name for name in called if name in known), None), match[2] if match else None


def imported(source: str) -> set[str]:
    """The frameworks that a file or notebook imports. Read as text: it may not be Python yet."""
    # No class of characters here matches the end of a line: a file of nothing but ends of lines would take for ever.
    return {MODULES[name] for name in re.findall(rf'^[ \t"]*(?:import|from)[ \t]+({"|".join(MODULES)})\b', source, re.MULTILINE)}


def _of_file(path: Path, framework: str | None, root: Path, name: str | None) -> tuple[Task, str, Path]:
    if not path.is_file():
        raise WorkbookError(f"there is no file {path}")
    task, suffix = said(path.stem, path.resolve().parent.name, tasks.with_drafts(root))
    name = name or task
    if name is None:
        raise WorkbookError(f"{path}: the task is not known; give --task, or name the file {CALLED}")
    framework = framework or suffix or _imported(path)
    if framework is None:
        raise WorkbookError(f"{path}: the framework is not known; give --framework, or name the file {CALLED}")
    return task_named(name, root), framework, path


def _imported(path: Path) -> str | None:
    """The framework that a file imports, if it is one alone."""
    found = imported(path.read_text(encoding="utf-8", errors="replace"))
    return found.pop() if len(found) == 1 else None


def write(path: Path, source: str, task: Task) -> None:
    """Write a stub, as a notebook if ``path`` is one."""
    if path.suffix == ".ipynb":
        from harness.work import notebook  # jupytext takes a while to import
        source = notebook.of_source(source, f"# {task.title}\n\nThe question: {task.folder}/README.md")
    path.write_text(source, encoding="utf-8")


def read(path: Path) -> str:
    """What an answer holds; of a notebook the code. Raises WorkbookError for a notebook that is none."""
    if path.suffix == ".ipynb":
        from harness.work import notebook
        try:
            return notebook.to_source(path)
        except ValueError as error:
            raise WorkbookError(str(error)) from None
    return path.read_text(encoding="utf-8", errors="replace")
