"""What the notebooks show, a call a cell: the answers side by side, lockstep, a short training, pictures.

In a notebook, from its first cell on: ``from harness.views import showcase``. Where the environment variable WORKBOOK_QUICK is
set, as in the tests, trainings stop after a few steps; what is printed for comparison does not depend on them.
"""

import base64
import html
import io
import os
import tempfile
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
from IPython.display import HTML
from PIL import Image as PIL
from pygments import lex
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Operator, String

from harness import tasks
from harness.frameworks import FRAMEWORKS, installed
from harness.lockstep import curves as lockstep_curves
from harness.lockstep.compare import Comparer, Comparison, Settings
from harness.training import checkpoint as checkpoints
from harness.training import run as training
from harness.training import task_data
from harness.training.plan import Run
from harness.views import explore
from harness.views.model import Model, load
from harness.work import stub

QUICK = bool(os.environ.get("WORKBOOK_QUICK"))
QUICK_STEPS = 2
FRAMES, ANIMATION, PICTURE = 12, 256, 900       # of animations and pictures in a notebook
PLOTS, STEP = ("curves", "losses", "latent"), 17        # of lines and points; the step between shades
QUALITY = 60            # of the others, which are of images: from here on the loss is hardly seen
CODE = ("font-size: 11px; line-height: 1.3; color: #222; background: #f8f8f8; padding: 8px; white-space: pre; "
        "overflow-x: auto")
# Of tokens: bold and italic are seen also where styles are taken out of HTML, as on GitHub.
MARKS = {Keyword: "b style=color:#080", Operator.Word: "b style=color:#080", Name.Function: "b style=color:#00f",
         Name.Class: "b style=color:#00f", String: "i style=color:#b22", Comment: "i style=color:#477"}
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
    """Source in HTML. Pygments' own writes more than twice as much, most of it styles of operators and names."""
    marked = []
    tokens = lex("\n".join(lines), PythonLexer())
    for mark, group in groupby(tokens, lambda token: next((MARKS[kind] for kind in MARKS if token[0] in kind), "")):
        text = html.escape("".join(text for _, text in group), quote=False)
        marked.append(f"<{mark}>{text}</{mark[0]}>" if mark else text)
    return f'<pre style="{CODE}">{"".join(marked)}</pre>'


def lockstep(name: str, steps: int = 15, only: tuple[str, ...] | None = None) -> Comparison:
    """Train the answers on the same weights, batches and noise, in float64 at check size; in all frameworks that are
    installed, or only in some."""
    with Comparer(Settings(only or installed(), steps=steps)) as comparer:
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
    if not comparison.pairs:
        print("one framework alone: nothing to compare")
        return
    print(", ".join(f"{what}s {comparison.largest(what):.1e}" for what in ("curve", "parameter", "output")))


def curves(comparison: Comparison) -> HTML:
    """The losses of all four above, their differences below."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "curves.png"
        lockstep_curves.curves(comparison, path)
        return _small(path, f"{comparison.task.title}, in lockstep: the losses of each framework over the steps, and "
                            "below them the relative differences of every two")


def _small(path: Path, alt: str) -> HTML:
    """A picture as a notebook carries it, in WebP: a plot in fewer shades, but sharp, images with a loss that is hardly
    seen, and of an animation fewer and smaller frames; two that look the same become one, shown as long as both.

    It goes into HTML: not every viewer of notebooks shows a WebP that comes as itself, or reads an alt text elsewhere.
    """
    with PIL.open(path) as picture:
        last = getattr(picture, "n_frames", 1) - 1
        frames = []
        for i in sorted(set(np.linspace(0, last, FRAMES).round().astype(int).tolist())):
            picture.seek(i)
            frame = picture.convert("RGB")
            frame.thumbnail((ANIMATION, ANIMATION) if last else (PICTURE, PICTURE))
            frames.append(frame)
    buffer = io.BytesIO()
    if last:
        durations = [200] * (len(frames) - 1) + [1500]
        frames[0].save(buffer, "WEBP", quality=QUALITY, method=6, minimize_size=True, save_all=True,
                       append_images=frames[1:], duration=durations, loop=0)
    elif path.stem in PLOTS:        # a palette of the colours that are most frequent would have none for a thin line
        frames[0].point(lambda value: round(value / STEP) * STEP).save(buffer, "WEBP", lossless=True, method=6)
    else:
        frames[0].save(buffer, "WEBP", quality=QUALITY, method=6)
    data = base64.b64encode(buffer.getvalue()).decode()
    return HTML(f'<img alt="{html.escape(alt)}" src="data:image/webp;base64,{data}">')


class Pictures:
    """The views of a trained answer."""

    def __init__(self, model: Model):
        self.model, self.task = model, model.task

    def view(self, name: str) -> HTML:
        """One of the views of ``explore``, see ``views``. What the view says of itself is the picture's alt text."""
        view = explore.views(self.model)[name]
        what = " ".join((view.__doc__ or "").split())
        return _small(view(self.model)[-1], f"{self.task.title}, {name.replace('_', ' ')}: {what}")

    @property
    def views(self) -> list[str]:
        """The names of the views that the task has."""
        return list(explore.views(self.model))


def longer(name: str, framework: str = "pytorch") -> Pictures:
    """The small network that comes with the task, trained to its end; any framework can compute."""
    model, _ = load(tasks.trained_path(name), name, framework, folder=Path(tempfile.mkdtemp(prefix="workbook-")), number=512)
    return Pictures(model)


class Trained(Pictures):
    """A short training of one answer on embedded data, and the views of what came of it.

    ``steps``, ``batch``, ``data``: in place of what the question's short size says; ``others``: of the hyper-parameters.
    """

    def __init__(self, name: str, framework: str = "pytorch", steps: int | None = None, batch: int | None = None,
                 data: str | None = None, size: str = "short", seed: int = 0, **others: int):
        self.folder = Path(tempfile.mkdtemp(prefix="workbook-"))
        task = tasks.load(name, size, tasks.ROOT, data, **others)
        self.task = replace(task, batch_size=batch or task.batch_size)
        self.steps = QUICK_STEPS if QUICK else steps or task.steps
        run = Run(self.task, framework, task_data.load(self.task, data), self.folder, self.steps, seed, sheets=12)
        self.training = training.Training(run)
        self.training.train()
        unseen = task_data.load(self.task, data, split="test", number=512)
        model = training.load(checkpoints.load(self.folder), self.task, framework, unseen)
        super().__init__(Model(model, unseen, self.folder))

    def losses(self) -> HTML:
        return _small(self.folder / "curves.png", f"{self.task.title}, losses: each over the steps of this training")

    def report(self) -> None:
        """Print what is the same on every machine."""
        finite = all(np.isfinite(array).all() for array in self.training.trainer.parameters().values())
        print(f"{self.task.title} in {FRAMEWORKS[self.training.run.framework]}, images of {self.task.image_shape}: "
              f"{'all parameters are finite' if finite else 'SOME PARAMETERS ARE NOT FINITE'}")

    def growth(self) -> HTML:
        """How the samples grew, as an animation."""
        return _small(self.folder / "growth.gif", f"{self.task.title}, growth: the same samples during the training")
