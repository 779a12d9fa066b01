"""What a training leaves in its folder, beside the checkpoint.

    losses.csv              step, seconds since the start, and the losses: a line a step
    events/                 the losses for TensorBoard
    sheets/00000100.png     samples after so many steps, always from the same noise and images
    growth.gif              all sheets, one after the other
    curves.png              the losses
"""

import csv
import io
import math
import re
from pathlib import Path

import numpy as np
from PIL import Image
from tensorboardX import SummaryWriter

from harness.data.files import whole
from harness.data.written import aside
from harness.pictures import arrays, plots
from harness.tasks import Task

EVENT_SECONDS = 0.5         # TensorBoard gets at most a step in each: fast steps would wait for its writer's threads
FRAME, LAST_FRAME = 200, 2000       # milliseconds


class Recorder:
    """``step``: how many steps are done. What is in the folder from later ones, before an interruption, is dropped.

    Nothing is written before the first loss or sheet: what fails at once leaves nothing. ``notes``: what was found damaged.
    """

    def __init__(self, folder: Path, task: Task, step: int = 0):
        self.folder, self.task, self.step = folder, task, step
        self.sheets, self.path = folder / "sheets", folder / "losses.csv"
        self.notes: list[str] = []
        self.next_event = 0.0       # seconds
        self.opened = False

    def open(self) -> None:
        """Go on with the files that are there. Lines of losses.csv that nobody can read are kept in a copy."""
        if self.opened:
            return
        self.sheets.mkdir(parents=True, exist_ok=True)
        for sheet in self._sheets():
            if int(sheet.stem) > self.step:
                sheet.unlink()
        kept: list[list[str]] = []
        if self.step and self.path.is_file():
            rows, bad = _rows(self.path, ["step", "seconds", *self.task.losses], self.step)
            kept = [row for row in rows if int(row[0]) <= self.step]
            if bad:
                self.notes.append(f"{self.path} was changed from line {bad} on; it is kept as {aside(self.path).name}, "
                                  f"and the {len(kept):,} lines that can be read stay")
        self.before = float(kept[-1][1]) if kept else 0.0       # seconds, of the parts before this one
        with whole(self.path) as file:
            file.write("".join(_line(*row) for row in [["step", "seconds", *self.task.losses], *kept]).encode())
        self.file = open(self.path, "a", encoding="utf-8")
        self.events = SummaryWriter(str(self.folder / "events"), purge_step=self.step or None)
        self.opened = True

    def losses(self, step: int, seconds: float, losses: dict[str, float]) -> None:
        """Of the ``step``-th step; 1 is the first."""
        self.open()
        self.file.write(f"{step},{self.before + seconds:.3f},{','.join(repr(losses[name]) for name in self.task.losses)}\n")
        if seconds >= self.next_event:
            self.next_event = seconds + EVENT_SECONDS
            for name, value in losses.items():
                self.events.add_scalar(f"loss/{name}", value, step)

    def sheet(self, step: int, outputs: dict[str, np.ndarray]) -> None:
        """``outputs``: what ``Trainer.outputs`` gave."""
        self.open()
        Image.fromarray(arrays.sheet(self.task, outputs)).save(self.sheets / f"{step:08d}.png")

    def flush(self) -> None:
        """What was logged so far is in the files then."""
        if self.opened:
            self.file.flush()
            self.events.flush()

    def close(self) -> None:
        """Also makes the pictures of the whole. A sheet that is damaged is left out, and noted."""
        if not self.opened:
            return
        self.file.close()
        self.events.close()
        curves = read(self.path)
        if len(curves["step"]):
            plots.losses(self.task, curves, self.folder / "curves.png")
        frames = [frame for frame in map(self._frame, self._sheets()) if frame]
        frames = [frame for frame in frames if (frame.size, frame.mode) == (frames[-1].size, frames[-1].mode)]
        if len(frames) > 1:
            durations = [FRAME] * (len(frames) - 1) + [LAST_FRAME]
            frames[0].save(self.folder / "growth.gif", save_all=True, append_images=frames[1:], duration=durations, loop=0)

    def _sheets(self) -> list[Path]:
        """The sheets, in order; other pictures in the folder are somebody else's."""
        return sorted(path for path in self.sheets.glob("*.png") if re.fullmatch("[0-9]{8,15}", path.stem) and path.is_file())

    def _frame(self, path: Path) -> Image.Image | None:
        try:
            with Image.open(path, formats=["PNG"]) as image:
                return image.copy()
        except Exception as error:      # Pillow has many, for what is no picture
            self.notes.append(f"{path} is not a picture that can be read, so it is left out of growth.gif ({type(error).__name__})")
            return None


def read(path: Path) -> dict[str, np.ndarray]:
    """The columns of a losses.csv by name; lines that are not whole are left out. Raises OSError."""
    names = _cells(_lines(path)[0])
    return dict(zip(names, np.array(_rows(path, names, 0)[0], float).reshape(-1, len(names) or 1).T))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig", errors="replace").split("\n")


def _cells(line: str) -> list[str]:
    """The cells of a line; none where it has none, or is not of this kind."""
    try:
        return next(csv.reader([line.rstrip("\r")]))
    except csv.Error:
        return []


def _rows(path: Path, names: list[str], step: int) -> tuple[list[list[str]], int]:
    """(the cells of all lines that can be read, the first line that cannot, or 0). ``step``: a checkpoint's.

    What a spreadsheet makes of a line is read where its numbers are still there: quotes, CRLF, a byte order mark. A last
    line without its end is whole if the checkpoint has its step, else it is the beginning that a kill leaves: no damage.
    """
    *lines, tail = _lines(path)
    rows: list[list[str]] = []
    bad = 0
    for number, line in enumerate([*lines, tail], 1):
        row = _cells(line)
        if number == 1 and row == names:
            continue
        ended = number <= len(lines)
        right = len(row) == len(names) and _is_loss(row) and int(row[0]) > (int(rows[-1][0]) if rows else 0)
        if right and (ended or int(row[0]) <= step):
            rows.append(row)
        elif ended or not re.fullmatch("[0-9.,e+-]{0,999}", line):
            bad = bad or number
    return rows, bad


def _is_loss(row: list[str]) -> bool:
    """Whether they are the numbers of a line: a step, and finite ones."""
    try:
        return bool(row) and bool(re.fullmatch("[0-9]{1,15}", row[0])) and all(math.isfinite(float(cell)) for cell in row)
    except ValueError:
        return False


def _line(*cells: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
