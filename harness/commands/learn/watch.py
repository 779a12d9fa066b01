"""``watch``: check again whenever the file is saved."""

from datetime import datetime

from rich.text import Text

from harness.commands.console import out, say_error
from harness.commands.learn.check import NoPage, OfTask, Second, checked, found, tell
from harness.commands.learn.progress import mended
from harness.commands.terminal import FileOrTask, Framework, Memory, Root, Seconds, Work
from harness.feedback import check as checks
from harness.feedback.watch import verdicts
from harness.frameworks import require
from harness.tasks import ROOT
from harness.work import files


def watch(what: FileOrTask = None, file: Second = None, framework: Framework = None, name: OfTask = None,
          no_page: NoPage = False, timeout: Seconds = checks.SECONDS, memory: Memory = checks.GIGABYTES,
          work: Work = files.WORK, root: Root = ROOT) -> None:
    """Check again each time the file is saved. The framework is loaded only once. Ctrl-C ends it."""
    mended(work)
    task, chosen, path = found(what, file, framework, name, work, root)
    require([chosen])
    with checks.worker(chosen, path.parent, timeout, memory, root) as process:
        try:
            for verdict in verdicts(path, lambda: checked(process, task, path, memory)):
                if isinstance(verdict, Exception):
                    say_error(verdict)
                    continue
                out.rule(f"{datetime.now():%H:%M:%S}")
                out.print(Text(str(path)), soft_wrap=True)
                tell(verdict, path, work, root, False, not no_page)
                out.print(Text("waiting for the next save; Ctrl-C ends", style="dim"))
        except KeyboardInterrupt:
            pass
