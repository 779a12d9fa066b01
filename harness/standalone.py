"""Run an answer by itself: ``python answers/ae/ae_pytorch.py --help``. It is the command `train`, for this file."""

import inspect
import sys
from pathlib import Path

from harness.commands import app
from harness.tasks import ROOT


def run(answer_class: type) -> None:
    """The command line of the answer ``answer_class``, whose file is called <task>_<framework>.py."""
    path = Path(inspect.getfile(answer_class)).resolve()
    task, _, framework = path.stem.rpartition("_")
    root = path.parents[2] if (path.parents[2] / "questions").is_dir() else ROOT
    app(["train", task, "--framework", framework, "--file", str(path), "--root", str(root), *sys.argv[1:]], prog_name=path.name)
