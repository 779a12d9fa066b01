"""``start``: begin a task."""

from typing import Annotated

import typer
from rich.text import Text

from harness.commands.console import out
from harness.commands.learn.progress import mended
from harness.commands.learn.reset import show_begun
from harness.commands.terminal import InFramework, Root, TaskName, Work
from harness.messages import command
from harness.tasks import ROOT
from harness.work import actions
from harness.work.files import WORK


def start(name: TaskName, framework: InFramework,
          as_notebook: Annotated[bool, typer.Option("--notebook", help="As a Jupyter notebook.")] = False,
          force: Annotated[bool, typer.Option("--force", help="Begin anew; what was there is kept as a backup.")] = False,
          work: Work = WORK, root: Root = ROOT) -> None:
    """Begin a task: write work/TASK/TASK_F.py (or .ipynb), with the parts left out that are yours to write."""
    mended(work)
    begun = actions.start(name, framework, work, root, as_notebook=as_notebook, force=force)
    show_begun(begun)
    in_root = [] if root == ROOT else ["--root", root]
    in_work = [] if work == WORK else ["--work", work]
    out.print(Text(f"the question: {command('question', begun.task.name, *in_root)}\n"
                   f"then: {command('check', begun.path, *in_work, *in_root)}"), soft_wrap=True)
