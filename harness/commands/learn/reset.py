"""``reset``: begin a task afresh."""

from rich.text import Text

from harness.commands.console import out
from harness.commands.learn.progress import mended
from harness.commands.terminal import Framework, Root, What, Work
from harness.tasks import ROOT
from harness.work import actions
from harness.work.files import WORK


def reset(what: What = None, framework: Framework = None, work: Work = WORK, root: Root = ROOT) -> None:
    """Start a task again. The old file is kept beside the new one."""
    mended(work)
    show_begun(actions.reset(what, framework, work, root))


def show_begun(begun: actions.Begun) -> None:
    """Say which file was written, and where the old one is kept."""
    if begun.kept:
        out.print(Text(f"kept: {begun.kept}"), soft_wrap=True)
    out.print(Text(f"written: {begun.path}"), soft_wrap=True)
