"""What a training leaves in its folder, beside the checkpoint.

    losses.csv              step, seconds since the start, and the losses: a line a step
    events/                 the losses for TensorBoard
    sheets/00000100.png     samples after so many steps, always from the same noise and images
    growth.gif              all sheets, one after the other
    curves.png              the losses
"""

import csv
import io
from pathlib import Path

import numpy as np
from PIL import Image
from tensorboardX import SummaryWriter

from harness.pictures import arrays, plots
from harness.tasks import Task

EVENT_SECONDS = 0.5         # TensorBoard gets at most a step in each: fast steps would wait for its writer's threads
FRAME, LAST_FRAME = 200, 2000       # milliseconds


class Recorder:
    """``step``: how many steps are done. What is in the folder from later ones, before an interruption, is dropped."""

    def __init__(self, folder: Path, task: Task, step: int = 0):
        self.folder, self.task = folder, task
        self.sheets = folder / "sheets"
        self.sheets.mkdir(parents=True, exist_ok=True)
        for sheet in self.sheets.glob("*.png"):
            if int(sheet.stem) > step:
                sheet.unlink()
        self.path = folder / "losses.csv"
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True) if step and self.path.is_file() else []
        kept = [line for line in lines[1:] if line.endswith("\n") and int(line.split(",")[0]) <= step]
        self.before = float(kept[-1].split(",")[1]) if kept else 0.0        # seconds, of the parts before this one
        self.path.write_text(_line("step", "seconds", *task.losses) + "".join(kept), encoding="utf-8")
        self.file = open(self.path, "a", encoding="utf-8")
        self.events = SummaryWriter(str(folder / "events"), purge_step=step or None)
        self.next_event = 0.0       # seconds

    def losses(self, step: int, seconds: float, losses: dict[str, float]) -> None:
        """Of the ``step``-th step; 1 is the first."""
        self.file.write(f"{step},{self.before + seconds:.3f},{','.join(repr(losses[name]) for name in self.task.losses)}\n")
        if seconds >= self.next_event:
            self.next_event = seconds + EVENT_SECONDS
            for name, value in losses.items():
                self.events.add_scalar(f"loss/{name}", value, step)

    def sheet(self, step: int, outputs: dict[str, np.ndarray]) -> None:
        """``outputs``: what ``Trainer.outputs`` gave."""
        Image.fromarray(arrays.sheet(self.task, outputs)).save(self.sheets / f"{step:08d}.png")

    def flush(self) -> None:
        """What was logged so far is in the files then."""
        self.file.flush()
        self.events.flush()

    def close(self) -> None:
        """Also makes the pictures of the whole."""
        self.file.close()
        self.events.close()
        curves = read(self.path)
        if len(curves["step"]):
            plots.losses(self.task, curves, self.folder / "curves.png")
        frames = [Image.open(path, formats=["PNG"]) for path in sorted(self.sheets.glob("*.png"))]
        if len(frames) > 1:
            durations = [FRAME] * (len(frames) - 1) + [LAST_FRAME]
            frames[0].save(self.folder / "growth.gif", save_all=True, append_images=frames[1:], duration=durations, loop=0)


def read(path: Path) -> dict[str, np.ndarray]:
    """The columns of a losses.csv by name."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    columns = np.array(rows[1:], float).reshape(-1, len(rows[0])).T
    return dict(zip(rows[0], columns))


def _line(*cells: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
