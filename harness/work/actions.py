"""What a learner does with a task besides checking it: begin, begin afresh, take a hint, see the solution."""

from dataclasses import dataclass
from pathlib import Path

from harness import tasks
from harness.data.written import aside
from harness.frameworks import FRAMEWORKS, named
from harness.messages import WorkbookError, command
from harness.tasks import Task, in_root, question
from harness.work import files, progress, stub


@dataclass(frozen=True)
class Begun:
    """``kept``: where the file is now that was there before, or None."""

    task: Task
    framework: str
    path: Path
    kept: Path | None


def start(name: str, framework: str, work: Path, root: Path, *, as_notebook: bool = False, force: bool = False) -> Begun:
    """Write the stub of a task, and note it. Raises WorkbookError where a file is there and ``force`` is not given."""
    task, framework = files.task_named(name, root), named(framework)
    there = files.file_of(task.name, framework, work)
    text = stub.of(task, framework)
    if there.exists() and not force:
        raise WorkbookError(f"{there} exists already; --force starts again and keeps the old file as a backup")
    with progress.changing(work) as done:
        there.parent.mkdir(parents=True, exist_ok=True)
        kept = aside(there) if there.exists() else None
        path = there.with_suffix(".ipynb" if as_notebook else ".py")
        files.write(path, text, task)
        done.entry(task.name, framework).state = "started"
        done.last = [task.name, framework]
    return Begun(task, framework, path, kept)


def reset(what: str | None, framework: str | None, work: Path, root: Path) -> Begun:
    """Begin a task afresh; what was known of it is forgotten. Raises WorkbookError."""
    task, chosen, path = files.find(what, framework, work, root)
    text = stub.of(task, chosen)
    with progress.changing(work) as done:
        kept = aside(path)
        files.write(path, text, task)
        if files.inside(path, work):
            done.forget(task.name, chosen)
    return Begun(task, chosen, path, kept)


def hint(what: str | None, number: int | None, framework: str | None, work: Path, root: Path) -> tuple[int, list[str], str | None]:
    """(which hint, all hints, why it could not be noted): the next, or hint ``number``. Raises WorkbookError where there is none."""
    task, chosen, _ = files.find(what, framework, work, root)
    found = question.hints(task)
    number = number or min(progress.load(work).entry(task.name, chosen).hints + 1, len(found))
    if number > len(found):
        beyond = command("solution", task.name, "-f", chosen, "--anyway", *files.in_work(work), *in_root(root))
        there = tasks.answer_path(task, chosen).is_file()
        raise WorkbookError(f"'{task.name}' has {len(found)} hints{f'; `{beyond}` shows the answer' if there else ''}")
    shown = number
    return shown, found, progress.note(work, lambda done: done.hinted(task.name, chosen, shown))


def solution(what: str | None, framework: str | None, anyway: bool, work: Path, root: Path) -> str:
    """The reference answer. Raises WorkbookError before the learner's own has passed, unless ``anyway``."""
    if what is not None and framework is not None and not files.is_answer(what):
        task, chosen = files.task_named(what, root), named(framework)
    else:
        task, chosen, _ = files.find(what, framework, work, root)
    source = stub.answer(task, chosen)
    if not anyway and not progress.load(work).entry(task.name, chosen).solved:
        raise WorkbookError(f"your answer to '{task.name}' in {FRAMEWORKS[chosen]} has not passed yet; --anyway shows our answer now")
    return stub.solution(source)
