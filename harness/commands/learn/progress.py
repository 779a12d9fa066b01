"""``progress``: what is solved, tried and open."""

from rich import box
from rich.table import Table

from harness import tasks
from harness.commands.terminal import Root, Work, out
from harness.frameworks import FRAMEWORKS
from harness.tasks import ROOT
from harness.work import progress as stored
from harness.work.files import WORK
from harness.work.progress import Entry


def progress(work: Work = WORK, root: Root = ROOT) -> None:
    """What is solved, tried and open, in which framework."""
    done, names = stored.load(work), tasks.names(root)
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    table.add_column("Task")
    for title in FRAMEWORKS.values():
        table.add_column(title)
    for name in names:
        table.add_row(name, *(_cell(done.entries.get(name, {}).get(framework)) for framework in FRAMEWORKS))
    out.print(table)
    solved = sum(bool(entry.solved) for of in done.entries.values() for entry in of.values())
    out.print(f"{solved} of {len(names) * len(FRAMEWORKS)} solved")


def _cell(entry: Entry | None) -> str:
    if entry is None:
        return ""
    tries = f", {entry.tries} tries" if entry.tries > 1 else ""
    hints = f", {entry.hints} hints" if entry.hints else ""
    return f"{'[green]solved[/]' if entry.solved else f'[yellow]{entry.state}[/]'}{tries}{hints}"
