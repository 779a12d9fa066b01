"""Where a learner's files are: finding them from as little as was said, and keeping what would be overwritten."""

import re
from datetime import datetime
from pathlib import Path

from harness import progress
from harness import task as tasks
from harness.frameworks import FRAMEWORKS
from harness.task import Task, did_you_mean
from harness.terminal import BadInput


def framework_of(name: str | None) -> str | None:
    if name is not None and name.lower() not in FRAMEWORKS:
        raise BadInput(f"unknown framework '{name}': {did_you_mean(name, list(FRAMEWORKS))}")
    return name and name.lower()


def file_of(task: str, framework: str, work: Path) -> Path:
    """Where a learner's answer is: a file, or a notebook where there is one."""
    path = work / task / f"{task}_{framework}.py"
    notebook = path.with_suffix(".ipynb")
    return notebook if notebook.is_file() and not path.is_file() else path


def find(what: str | None, framework: str | None, work: Path, root: Path) -> tuple[Task, str, Path]:
    """The task, framework and file that a command is about, from as little as was said."""
    framework = framework_of(framework)
    if what is None:
        last = progress.load(work).last
        if not last:
            raise BadInput("say which task or file; nothing was started yet (`start TASK --framework F` does that)")
        what, framework = last[0], framework or last[1]
    path = Path(what)
    if path.suffix in (".py", ".ipynb"):
        match = re.fullmatch(rf"(\w+)_({'|'.join(FRAMEWORKS)})", path.stem)
        name = match[1] if match else path.resolve().parent.name
        framework = framework or (match and match[2])
        if framework is None:
            raise BadInput(f"{path}: name the file <task>_<framework>.py, or say --framework")
        if not path.is_file():
            raise BadInput(f"there is no file {path}")
        return tasks.load(name, "check", root), framework, path
    task = tasks.load(what, "check", root)
    there = [f for f in FRAMEWORKS if file_of(task.name, f, work).is_file()]
    if framework is None and len(there) != 1:
        raise BadInput(f"'{task.name}' was started in {', '.join(there)}: say --framework" if there else
                       f"'{task.name}' was not started: `start {task.name} --framework F` does that")
    framework = framework or there[0]
    path = file_of(task.name, framework, work)
    if not path.is_file():
        raise BadInput(f"there is no {path}: `start {task.name} --framework {framework}` makes it")
    return task, framework, path


def keep(path: Path) -> Path:
    """Move ``path`` aside, to a name that is free."""
    kept = path.with_name(f"{path.stem}.{datetime.now():%Y%m%d-%H%M%S}{path.suffix}.bak")
    number = 1
    while kept.exists():
        number += 1
        kept = kept.with_name(f"{kept.name}{number}")
    return path.rename(kept)


def hints(task: Task) -> list[str]:
    """The numbered hints of a task, in order, as markdown."""
    text = (task.folder / "hints.md").read_text(encoding="utf-8")
    return [part.strip() for part in re.split(r"(?m)^(?=\d+\. )", text)[1:]]


def write(path: Path, source: str, task: Task) -> None:
    """Write a stub, as a notebook if ``path`` is one."""
    if path.suffix == ".ipynb":
        from harness import notebook        # jupytext takes a while to import
        source = notebook.of_source(source, f"# {task.title}\n\nThe question: {task.folder}/README.md")
    path.write_text(source, encoding="utf-8")
