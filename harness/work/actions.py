"""What a learner does with a task besides checking it: begin, begin afresh, take a hint, see the solution."""

from dataclasses import dataclass
from pathlib import Path

from harness import tasks
from harness.data.written import aside
from harness.frameworks import FRAMEWORKS, named
from harness.messages import WorkbookError, command
from harness.tasks import Task, in_root, question
from harness.tasks.question import Hint
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


@dataclass(frozen=True)
class Hinted:
    """``number``: which of ``hints`` is shown, from 1, None where all were seen before; ``left``: how many then were not; ``rung``:
    where the answer failed last, if this hint is about it; ``unsaved``: why it could not be noted, or None."""

    task: Task
    framework: str
    number: int | None
    hints: list[Hint]
    left: int
    rung: str
    unsaved: str | None = None


def hint(what: str | None, number: int | None, framework: str | None, work: Path, root: Path) -> Hinted:
    """Hint ``number``, or the next that was not seen: one about the rung where the answer failed last, as long as there is one.
    Raises WorkbookError where there is no such hint."""
    task, chosen, _ = files.find(what, framework, work, root)
    found, entry = question.hints(task), progress.load(work).entry(task.name, chosen)
    if number is not None and number > len(found):
        beyond = answer_shown(task, chosen, work, root)
        raise WorkbookError(f"'{task.name}' has {len(found)} hints{f'; {beyond}' if beyond else ''}")
    unseen = [n for n in range(1, len(found) + 1) if n not in entry.seen]
    if number is None:
        number = next((n for n in unseen if entry.rung in found[n - 1].about), unseen[0] if unseen else None)
    if number is None:
        return Hinted(task, chosen, None, found, 0, "")
    shown = number
    return Hinted(task, chosen, shown, found, len(set(unseen) - {shown}), entry.rung if entry.rung in found[shown - 1].about else "",
                  progress.note(work, lambda done: done.hinted(task.name, chosen, shown)))


def answer_shown(task: Task, framework: str, work: Path, root: Path) -> str:
    """What shows our answer, in words; empty where there is none, as in a student edition."""
    if not tasks.answer_path(task, framework).is_file():
        return ""
    return f"`{command('solution', task.name, '-f', framework, '--anyway', *files.in_work(work), *in_root(root))}` shows our answer"


@dataclass(frozen=True)
class Solution:
    """The reference answer, ``ours``; where it was asked for, the learner's own and where that lies."""

    ours: str
    yours: str = ""
    path: Path = Path()


def solution(what: str | None, framework: str | None, anyway: bool, work: Path, root: Path, *, beside: bool = False) -> Solution:
    """The reference answer; ``beside``: with the learner's own. Raises WorkbookError before that has passed, unless ``anyway``."""
    path = None
    if not beside and what is not None and framework is not None and not files.is_answer(what):
        task, chosen = files.task_named(what, root), named(framework)
    else:
        task, chosen, path = files.find(what, framework, work, root)
    source = stub.answer(task, chosen)
    if not anyway and not progress.load(work).entry(task.name, chosen).solved:
        raise WorkbookError(f"your answer to '{task.name}' in {FRAMEWORKS[chosen]} has not passed yet; --anyway shows our answer now")
    ours = stub.solution(source)
    return Solution(ours, files.read(path), path) if beside and path else Solution(ours)


def next_question(task: Task, work: Path, root: Path) -> str | None:
    """The first question behind this one, and then before it, that is not solved in any framework: one whose needs are, if there is
    one. None where all are solved."""
    order = tasks.names(root)
    solved = {task.name} | {name for name, of in progress.load(work).entries.items() if any(entry.solved for entry in of.values())}
    here = order.index(task.name) + 1 if task.name in order else 0
    left = [name for name in order[here:] + order[:here] if name not in solved]
    needs = question.needs(root)
    return next((name for name in left if needs.get(name, set()) <= solved), left[0] if left else None)
