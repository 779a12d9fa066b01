"""``solution``: the reference answer, once the learner's own has passed."""

from typing import Annotated

import typer
from rich.syntax import Syntax

from harness.commands.console import out
from harness.commands.learn.progress import mended
from harness.commands.terminal import Framework, Root, What, Work
from harness.tasks import ROOT
from harness.work import actions
from harness.work.files import WORK


def solution(what: What = None, framework: Framework = None,
             anyway: Annotated[bool, typer.Option("--anyway", help="Show it before yours has passed.")] = False,
             work: Work = WORK, root: Root = ROOT) -> None:
    """Show the reference answer, after yours has passed or with --anyway."""
    mended(work)
    source = actions.solution(what, framework, anyway, work, root)
    if out.is_terminal:
        out.print(Syntax(source, "python", word_wrap=True))
    else:
        print(source, end="")           # for a file: not a line is broken
