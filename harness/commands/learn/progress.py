"""``progress``: what is solved, tried and open."""

from pathlib import Path

from rich.text import Text

from harness import tasks
from harness.commands.console import out, say_notes, show_table
from harness.commands.terminal import Root, Work
from harness.feedback.verdict import Verdict
from harness.frameworks import FRAMEWORKS
from harness.tasks import ROOT
from harness.work import files
from harness.work import progress as stored
from harness.work.files import WORK
from harness.work.progress import Entry


def progress(work: Work = WORK, root: Root = ROOT) -> None:
    """Show which tasks are solved, tried or open in each framework."""
    mended(work)
    done, names = stored.load(work), tasks.names(root)
    show_table(("Task", *FRAMEWORKS.values()), [
        (name, *(_cell(done.entries.get(name, {}).get(framework)) for framework in FRAMEWORKS)) for name in names])
    solved = sum(bool(entry.solved) for name in names for framework, entry in done.entries.get(name, {}).items()
                 if framework in FRAMEWORKS)
    out.print(f"{solved} of {len(names) * len(FRAMEWORKS)} solved")


def _cell(entry: Entry | None) -> Text:
    if entry is None:
        return Text()
    tries = f", {entry.tries} tries" if entry.tries > 1 else ""
    hints = f", {len(entry.seen)} hint{'s' if len(entry.seen) > 1 else ''}" if entry.seen else ""
    state = ("solved", "green") if entry.solved else (entry.state, "yellow")
    return Text.assemble(state, tries, hints)


def mended(work: Path) -> None:
    """Begin a new progress.json where there is one that cannot be read, and say so."""
    if line := stored.mend(work):
        say_notes([line])


def note(path: Path, work: Path, verdict: Verdict) -> None:
    """Note a check of ``path``, if it is the learner's; say so where that cannot be done: a verdict is none the less one."""
    rung = verdict.failed.name if verdict.failed else ""
    if files.inside(path, work) and (line := stored.note(
            work, lambda done: done.checked(verdict.task.name, verdict.framework, verdict.state, rung))):
        say_notes([line])
