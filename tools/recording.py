"""Make docs/images/check.svg: what `check` says of an answer with a mistake, as it looks on a terminal.

    .venv/bin/python tools/recording.py
"""

import io
import os
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import tasks
from harness.feedback import check, display
from harness.tasks import mistakes
from harness.work import stub

TASK, FRAMEWORK, MISTAKE = "gan", "pytorch", "no-detach"


def main() -> None:
    os.chdir(ROOT)          # so that paths are short
    task = tasks.load(TASK)
    source = stub.solution(tasks.answer_path(task, FRAMEWORK).read_text(encoding="utf-8"))
    console = Console(record=True, width=100, force_terminal=True, color_system="truecolor", file=io.StringIO())
    console.print(Text(f"$ workbook check {TASK}", style="bold"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{TASK}_{FRAMEWORK}.py"
        path.write_text(mistakes.edited(source, mistakes.edits(task, FRAMEWORK)[MISTAKE]), encoding="utf-8")
        process, started = check.worker(FRAMEWORK, path.parent), time.perf_counter()
        try:
            verdict = check.check(process, task, path)
        finally:
            process.close()
    verdict.seconds = time.perf_counter() - started
    verdict.file = Path("work") / TASK / path.name
    display.show(verdict, console)
    display.show_page(verdict, Path("work") / "checks" / f"{TASK}_{FRAMEWORK}.html", console)
    print(console.export_text(clear=False))
    console.save_svg(str(ROOT / "docs" / "images" / "check.svg"), title="workbook check", clear=False)


if __name__ == "__main__":
    main()
