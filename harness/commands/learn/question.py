"""``question``: the question of a task, in the terminal."""

from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.text import Text

from harness.commands.console import out
from harness.commands.terminal import Root, TaskName
from harness.messages import WorkbookError, did_you_mean
from harness.tasks import ROOT
from harness.tasks import question as questions
from harness.work.files import task_named


def question(name: TaskName, root: Root = ROOT,
             language: Annotated[str, typer.Option("--language", "-l", help="The language, en or ja.")] = "en") -> None:
    """Show the question."""
    task = task_named(name, root)
    if language not in questions.LANGUAGES:
        raise WorkbookError(f"unknown language '{language}': {did_you_mean(language, questions.LANGUAGES)}")
    text = questions.text(task, language)
    out.print(Markdown(text) if out.is_terminal else Text(text), soft_wrap=not out.is_terminal)
