"""What the notebooks show, a call a cell: the answers side by side, lockstep, a short training, pictures.

In a notebook, from its first cell on: ``from harness import showcase``. Where the environment variable WORKBOOK_QUICK is
set, as in the tests, trainings stop after a few steps; what is printed for comparison does not depend on them.
"""

import base64
import html
import io
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from IPython.display import HTML, Image
from PIL import Image as PIL
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from harness import tasks
from harness.frameworks import FRAMEWORKS
from harness.lockstep import curves as lockstep_curves
from harness.lockstep.compare import Comparer, Comparison, Settings
from harness.training import checkpoint as checkpoints
from harness.training import run as training
from harness.training import task_data
from harness.training.plan import Run
from harness.views import explore
from harness.views.model import Model
from harness.work import stub

QUICK = bool(os.environ.get("WORKBOOK_QUICK"))
QUICK_STEPS = 2
FRAMES, ANIMATION, PICTURE, COLOURS = 12, 256, 900, 64          # of animations and pictures in a notebook
CODE = "font-size: 11px; line-height: 1.3; background: #f8f8f8; padding: 8px; white-space: pre; overflow-x: auto"
TWO_BY_TWO = "display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 10px; overflow-y: auto; max-height: 60em"
DIGITS = 6              # of a loss: far fewer than agree, so that they are the same everywhere


def answers(name: str, begin: str = "", end: str = "") -> HTML:
    """The four answers side by side, their real source: from the line that contains ``begin`` to before that with ``end``, and
    each whole one folded below its part."""
    columns, task = [], tasks.load(name)
    for framework, title in FRAMEWORKS.items():
        path = tasks.answer_path(task, framework)
        lines = stub.solution(path.read_text(encoding="utf-8")).splitlines()
        first = next((i for i, line in enumerate(lines) if begin and begin in line), 0)
        last = next((i for i, line in enumerate(lines[first + 1:], first + 1) if end and end in line), len(lines))
        whole = f"<details><summary>{path.name}: all {len(lines)} lines</summary>{_code(lines)}</details>"
        columns.append(f"<div><b>{html.escape(title)}</b>{_code(lines[first:last])}{whole}</div>")
    return HTML(f'<div style="{TWO_BY_TWO}">{"".join(columns)}</div>')


def _code(lines: list[str]) -> str:
    return f'<pre style="{CODE}">{highlight(chr(10).join(lines), PythonLexer(), HtmlFormatter(noclasses=True, nowrap=True))}</pre>'


def lockstep(name: str, steps: int = 15, only: tuple[str, ...] = tuple(FRAMEWORKS)) -> Comparison:
    """Train all four answers, or only some, on the same weights, batches and noise, in float64 at check size."""
    with Comparer(Settings(only, steps=steps)) as comparer:
        return comparer.compare(tasks.load(name))


def agreement(comparison: Comparison) -> None:
    """Print what is the same on every machine: who agrees, the shapes of what the answers make, the first losses rounded.

    How large the differences are is not: that is in ``differences``.
    """
    for run in comparison.runs:
        if run.status != "ok":
            print(f"{FRAMEWORKS[run.framework]}: {run.status}: {run.message}")
    for pair in comparison.pairs:
        verdict = "agree" if pair.agrees(comparison.settings.allowed) else "DISAGREE"
        a, b = (FRAMEWORKS[framework] for framework in pair.frameworks)
        print(f"{a} and {b} {verdict} to {comparison.settings.allowed:g} in "
              f"{comparison.settings.steps} steps")
    first = next(run for run in comparison.runs if run.status == "ok")
    for ability in comparison.task.abilities:
        print(f"{ability}: {first.outputs[ability].shape}")
    for name, values in first.curves.items():
        print(f"{name}: {', '.join(f'{value:.{DIGITS}g}' for value in values[:3])}, ...")


def differences(comparison: Comparison) -> None:
    """Print the largest relative difference of any two frameworks in any loss, parameter and output."""
    print(", ".join(f"{what}s {comparison.largest(what):.1e}" for what in ("curve", "parameter", "output")))


def curves(comparison: Comparison) -> Image | HTML:
    """The losses of all four above, their differences below."""
    with tempfile.TemporaryDirectory() as folder:
        lockstep_curves.curves(comparison, Path(folder) / "curves.png")
        return _small(Path(folder) / "curves.png")


def _small(path: Path) -> Image | HTML:
    """A picture as a notebook carries it: few colours, and of an animation fewer and smaller frames.

    Animations go into HTML: not every viewer of notebooks shows a GIF that comes as itself.
    """
    buffer = io.BytesIO()
    with PIL.open(path) as picture:
        if path.suffix == ".gif":
            chosen = sorted(set(np.linspace(0, picture.n_frames - 1, FRAMES).round().astype(int).tolist()))     # type: ignore[attr-defined]
            frames = []
            for i in chosen:
                picture.seek(i)
                frame = picture.convert("RGB")
                frame.thumbnail((ANIMATION, ANIMATION))
                frames.append(frame.quantize(COLOURS, dither=PIL.Dither.NONE))
            durations = [200] * (len(frames) - 1) + [1500]
            frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=True)
            return HTML(f'<img alt="{path.stem}" src="data:image/gif;base64,{base64.b64encode(buffer.getvalue()).decode()}">')
        picture.thumbnail((PICTURE, PICTURE))
        picture.convert("RGB").quantize(COLOURS, dither=PIL.Dither.NONE).save(buffer, "PNG", optimize=True)
    return Image(buffer.getvalue(), format="png")


class Trained:
    """A short training of one answer on embedded data, and the views of what came of it.

    ``steps``, ``batch``, ``data``: in place of what the question's short size says; ``others``: of the hyper-parameters.
    """

    def __init__(self, name: str, framework: str = "pytorch", steps: int | None = None, batch: int | None = None,
                 data: str | None = None, size: str = "short", seed: int = 0, **others: int):
        self.folder = Path(tempfile.mkdtemp(prefix="workbook-"))
        task = tasks.load(name, size, tasks.ROOT, **others)
        self.task = replace(task, batch_size=batch or task.batch_size)
        self.steps = QUICK_STEPS if QUICK else steps or task.steps
        run = Run(self.task, framework, task_data.load(self.task, data), self.folder, self.steps, seed, sheets=12)
        self.training = training.Training(run)
        self.training.train()
        unseen = task_data.load(self.task, data, split="test", number=512)
        model = training.load(checkpoints.load(self.folder), self.task, framework, unseen)
        self.model = Model(model, unseen, self.folder)

    def losses(self) -> Image | HTML:
        """The losses, step by step."""
        return _small(self.folder / "curves.png")

    def report(self) -> None:
        """Print what is the same on every machine."""
        finite = all(np.isfinite(array).all() for array in self.training.trainer.parameters().values())
        print(f"{self.task.title} in {FRAMEWORKS[self.training.run.framework]}, images of {self.task.image_shape}: "
              f"{'all parameters are finite' if finite else 'SOME PARAMETERS ARE NOT FINITE'}")

    def growth(self) -> Image | HTML:
        """How the samples grew, as an animation."""
        return _small(self.folder / "growth.gif")

    def view(self, name: str) -> Image | HTML:
        """One of the views of ``explore``, see ``views``."""
        return _small(explore.views(self.model)[name](self.model)[-1])

    @property
    def views(self) -> list[str]:
        """The names of the views that the task has."""
        return list(explore.views(self.model))
