"""``progress``: what is solved, tried and open."""

from pathlib import Path

from rich import box
from rich.markup import escape
from rich.table import Table

from harness import tasks
from harness.commands.terminal import Root, Work, out, say_notes
from harness.frameworks import FRAMEWORKS
from harness.tasks import ROOT
from harness.work import files
from harness.work import progress as stored
from harness.work.files import WORK
from harness.work.progress import Entry


def progress(work: Work = WORK, root: Root = ROOT) -> None:
    """What is solved, tried and open, in which framework."""
    mended(work)
    done, names = stored.load(work), tasks.names(root)
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    table.add_column("Task")
    for title in FRAMEWORKS.values():
        table.add_column(title)
    for name in names:
        table.add_row(name, *(_cell(done.entries.get(name, {}).get(framework)) for framework in FRAMEWORKS))
    out.print(table)
    solved = sum(bool(entry.solved) for name in names for framework, entry in done.entries.get(name, {}).items()
                 if framework in FRAMEWORKS)
    out.print(f"{solved} of {len(names) * len(FRAMEWORKS)} solved")


def _cell(entry: Entry | None) -> str:
    if entry is None:
        return ""
    tries = f", {entry.tries} tries" if entry.tries > 1 else ""
    hints = f", {entry.hints} hints" if entry.hints else ""
    return f"{'[green]solved[/]' if entry.solved else f'[yellow]{escape(entry.state)}[/]'}{tries}{hints}"


def mended(work: Path) -> None:
    """Begin a new progress.json where there is one that cannot be read, and say so."""
    if line := stored.mend(work):
        say_notes([line])


def note(path: Path, work: Path, task: str, framework: str, state: str) -> None:
    """Note a check of ``path``, if it is the learner's; say so where that cannot be done: a verdict is none the less one."""
    if files.inside(path, work) and (line := stored.note(work, lambda done: done.checked(task, framework, state))):
        say_notes([line])
