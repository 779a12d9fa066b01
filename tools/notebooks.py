"""Make the notebooks from their sources: notebooks/<task>.py -> notebooks/<task>.ipynb, executed, with outputs.

    .venv/bin/python tools/notebooks.py [TASK ...] [--quick]

Only the sources are edited by hand (percent format, paired by jupytext). An executed notebook is written when it is
whole; one that fails leaves the old one as it was. --quick stops trainings after a few steps, as the tests do.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from rich.console import Console

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import tasks
from harness.data.files import whole
from harness.messages import did_you_mean

NOTEBOOKS = ROOT / "notebooks"
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
ON_COLAB = """if "google.colab" in sys.modules:      # there is only this file: get the workbook, and what Colab lacks
    !git clone -q https://github.com/{0} workbook && pip install -q "./workbook[tensorflow,keras,pytorch,chainer,notebooks]"
    !workbook install chainer"""
SECONDS = 3600          # that one cell may take: a limit for what hangs
console = Console(stderr=True)


def make(name: str, folder: Path = NOTEBOOKS) -> Path:
    """Execute the source of one notebook; write it into ``folder``. Raises CellExecutionError."""
    notebook = jupytext.read(NOTEBOOKS / f"{name}.py")
    if repository := on_github():
        _open_in_colab(notebook, name, repository)
    NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell{number}"               # nothing in the file changes when nothing has changed
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("widgets", None)
    notebook.metadata.pop("language_info", None)
    path = folder / f"{name}.ipynb"
    with whole(path) as file:
        file.write(nbformat.writes(notebook).encode() + b"\n")
    return path


def on_github() -> str | None:
    """OWNER/NAME of the clone's origin, if that is on GitHub: Colab opens nothing else."""
    process = subprocess.run(["git", "remote", "get-url", "origin"], cwd=ROOT, capture_output=True, text=True, check=False)
    match = re.search(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?$", process.stdout.strip())
    return match and match[1]


def _open_in_colab(notebook: Any, name: str, repository: str) -> None:
    url = f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/{name}.ipynb"
    title, rest = notebook.cells[0].source.split("\n", 1)
    notebook.cells[0].source = f"{title}\n\n[![Open in Colab]({BADGE})]({url})\n{rest}"
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source = first.source.replace("import sys\n", f"import sys\n\n{ON_COLAB.format(repository)}\n", 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", help="all by default")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick:
        os.environ["WORKBOOK_QUICK"] = "1"
    for name in arguments.tasks:
        if name not in tasks.names():
            sys.exit(f"error: unknown task '{name}': {did_you_mean(name, tasks.names())}")
    for name in arguments.tasks or tasks.names():
        started = time.monotonic()
        try:
            with console.status(f"{name}: executing"):
                path = make(name)
        except CellExecutionError as error:
            console.print(str(error), markup=False)
            sys.exit(f"error: notebooks/{name}.py stopped at the cell above; notebooks/{name}.ipynb is as it was")
        except KeyboardInterrupt:
            sys.exit(130)
        console.print(f"{path.relative_to(ROOT)}: {time.monotonic() - started:.0f} s, {path.stat().st_size / 1000:,.0f} kB")


if __name__ == "__main__":
    main()
