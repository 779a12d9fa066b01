"""``start``: begin a task."""

from typing import Annotated

import typer
from rich.text import Text

from harness.commands.console import out
from harness.commands.learn.progress import mended
from harness.commands.learn.reset import show_begun
from harness.commands.terminal import InFramework, Root, TaskName, Work
from harness.messages import command
from harness.tasks import ROOT, in_root
from harness.work import actions
from harness.work.files import WORK, in_work


def start(name: TaskName, framework: InFramework,
          as_notebook: Annotated[bool, typer.Option("--notebook", help="Write a Jupyter notebook.")] = False,
          force: Annotated[bool, typer.Option("--force", help="Start again; the old file is kept as a backup.")] = False,
          work: Work = WORK, root: Root = ROOT) -> None:
    """Start a task: write work/TASK/TASK_F.py (or .ipynb), with gaps for the parts that you write."""
    mended(work)
    begun = actions.start(name, framework, work, root, as_notebook=as_notebook, force=force)
    show_begun(begun)
    out.print(Text(f"the question: {command('question', begun.task.name, *in_root(root))}\n"
                   f"then: {command('check', begun.path, *in_work(work), *in_root(root))}"), soft_wrap=True)
