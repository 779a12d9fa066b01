"""``solution``: the reference answer, once the learner's own has passed; alone, or the learner's own beside it."""

from typing import Annotated

import typer
from rich.syntax import Syntax

from harness.commands.console import out
from harness.commands.learn import differences
from harness.commands.learn.progress import mended
from harness.commands.terminal import Framework, Root, What, Work
from harness.tasks import ROOT
from harness.work import actions
from harness.work.files import WORK


def solution(what: What = None, framework: Framework = None,
             anyway: Annotated[bool, typer.Option("--anyway", help="Show it before yours has passed.")] = False,
             diff: Annotated[bool, typer.Option("--diff", help="Show how yours differs from it; side by side on a wide terminal.")] = False,
             work: Work = WORK, root: Root = ROOT) -> None:
    """Show the reference answer, after yours has passed or with --anyway."""
    mended(work)
    found = actions.solution(what, framework, anyway, work, root, beside=diff)
    if diff:
        differences.show(found.yours, found.ours, str(found.path), out)
    elif out.is_terminal:
        out.print(Syntax(found.ours, "python", word_wrap=True))
    else:
        print(found.ours, end="")       # for a file: not a line is broken
