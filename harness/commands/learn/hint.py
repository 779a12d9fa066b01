"""``hint``: the next hint, or one of them."""

from typing import Annotated, Optional

import typer
from rich.markdown import Markdown
from rich.text import Text

from harness.commands.console import out, say_notes
from harness.commands.learn.progress import mended
from harness.commands.terminal import Framework, Root, What, Work
from harness.tasks import ROOT
from harness.work import actions
from harness.work.files import WORK


def hint(what: What = None,
         number: Annotated[Optional[int], typer.Argument(metavar="[N]", min=1, help="Which hint; by default the next one.")] = None,
         framework: Framework = None, work: Work = WORK, root: Root = ROOT) -> None:
    """Show the next hint, or hint N. The first hints say little; the last one says nearly everything."""
    if what is not None and what.isdigit():
        number, what = int(what), None
    mended(work)
    shown, found, unsaved = actions.hint(what, number, framework, work, root)
    out.print(Text(f"hint {shown} of {len(found)}", style="dim"))
    out.print(Markdown(found[shown - 1]))
    if unsaved:
        say_notes([unsaved])
