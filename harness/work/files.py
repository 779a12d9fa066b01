"""A learner's files: finding one from as little as was said, and writing one."""

import re
from pathlib import Path

from harness import tasks
from harness.frameworks import FRAMEWORKS, named
from harness.messages import WorkbookError, command
from harness.tasks import Task
from harness.work import progress

WORK = Path("work")
SUFFIXES = (".py", ".ipynb")


def file_of(task: str, framework: str, work: Path) -> Path:
    """Where a learner's answer is: a file, or a notebook where there is one."""
    path = work / task / f"{task}_{framework}.py"
    notebook = path.with_suffix(".ipynb")
    return notebook if notebook.is_file() and not path.is_file() else path


def find(what: str | None, framework: str | None, work: Path, root: Path) -> tuple[Task, str, Path]:
    """The task, framework and file that a command is about, from as little as was said. Raises WorkbookError."""
    framework = framework and named(framework)
    if what is None:
        last = progress.load(work).last
        if not last:
            raise WorkbookError(f"say which task or file; nothing was started yet in {work} (`{command('start', 'TASK', '-f', 'F')}` "
                                "does that)")
        what, framework = last[0], framework or last[1]
    path = Path(what)
    if path.suffix in SUFFIXES:
        return _of_file(path, framework, root)
    task = tasks.load(what, "check", root)
    there = [f for f in FRAMEWORKS if file_of(task.name, f, work).is_file()]
    if framework is None and len(there) != 1:
        raise WorkbookError(f"'{task.name}' was started in {', '.join(there)}: say --framework" if there else
                            f"'{task.name}' was not started: `{command('start', task.name, '-f', 'F')}` does that")
    framework = framework or there[0]
    path = file_of(task.name, framework, work)
    if not path.is_file():
        raise WorkbookError(f"there is no {path}: `{command('start', task.name, '-f', framework)}` makes it")
    return task, framework, path


def _of_file(path: Path, framework: str | None, root: Path) -> tuple[Task, str, Path]:
    match = re.fullmatch(rf"(\w+)_({'|'.join(FRAMEWORKS)})", path.stem)
    name = match[1] if match else path.resolve().parent.name
    framework = framework or (match[2] if match else None)
    if framework is None:
        raise WorkbookError(f"{path}: name the file <task>_<framework>.py, or say --framework")
    if not path.is_file():
        raise WorkbookError(f"there is no file {path}")
    return tasks.load(name, "check", root), framework, path


def write(path: Path, source: str, task: Task) -> None:
    """Write a stub, as a notebook if ``path`` is one."""
    if path.suffix == ".ipynb":
        from harness.work import notebook  # jupytext takes a while to import
        source = notebook.of_source(source, f"# {task.title}\n\nThe question: {task.folder}/README.md")
    path.write_text(source, encoding="utf-8")
