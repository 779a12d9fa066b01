"""``hint``: the next hint, or one of them."""

from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.markdown import Markdown
from rich.text import Text

from harness.commands.console import out, say_notes
from harness.commands.learn.progress import mended
from harness.commands.terminal import Framework, Root, What, Work
from harness.messages import command
from harness.tasks import ROOT, in_root
from harness.work import actions
from harness.work.actions import Hinted
from harness.work.files import WORK, in_work


def hint(what: What = None,
         number: Annotated[Optional[int], typer.Argument(metavar="[N]", min=1, help="Which hint; by default the next one.")] = None,
         framework: Framework = None, work: Work = WORK, root: Root = ROOT) -> None:
    """Show the next hint, or hint N. The next is about the rung that failed in your last check, if there is such a hint left."""
    if what is not None and what.isdigit():
        number, what = int(what), None
    mended(work)
    found = actions.hint(what, number, framework, work, root)
    if found.number is None:
        out.print(Text(f"You have seen all {len(found.hints)} hints. {_beyond(found, work, root)}"), soft_wrap=True)
        return
    about = f", about '{found.rung}', where your last check failed" if found.rung else ""
    out.print(Text(f"hint {found.number} of {len(found.hints)}{about}", style="dim"), soft_wrap=True)
    out.print(Markdown(found.hints[found.number - 1].text))
    if not found.left:
        out.print(Text(f"\nThat was the last hint. {_beyond(found, work, root)}", style="dim"), soft_wrap=True)
    if found.unsaved:
        say_notes([found.unsaved])


def _beyond(found: Hinted, work: Path, root: Path) -> str:
    """What is left when no hint is."""
    again = command("hint", found.task.name, 1, "-f", found.framework, *in_work(work), *in_root(root))
    answer = actions.answer_shown(found.task, found.framework, work, root)
    return f"`{again}` shows the first again{f'; {answer}' if answer else ''}."
