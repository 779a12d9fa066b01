"""Make docs/gallery.md anew: for each task a picture by each framework, after a short training on embedded data.

    .venv/bin/python tools/gallery.py [TASK ...]

Trains every task at its "short" size, from the same weights and batches in all frameworks, in float32. Takes a quarter of
an hour for all of them on two cores; tasks that are named are made anew, and the others' pictures stay.
"""

import sys
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import tasks
from harness.frameworks import FRAMEWORKS
from harness.lockstep import curves, report
from harness.lockstep.compare import Comparer, Settings

FOLDER = ROOT / "docs" / "images" / "gallery"
WIDTH = 600             # pixels of a picture
INTRODUCTION = """# Gallery

This page is for everyone who wants to see what the answers make: it has one picture for each task, with one row for each framework.

Each picture was made after a short training: a small network, a few seconds to a few minutes, data that needs no download. All four
frameworks started with the same weights and used the same batches, in float32. If the training is stable, their pictures look the same.
If two networks train against each other, rounding alone makes the pictures different after some time. The full networks of the
questions, trained to the end, make better pictures.

Made by `.venv/bin/python tools/gallery.py`.
"""


def make(names: Iterable[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Comparer(Settings(tuple(FRAMEWORKS), size="short", precision="float32")) as comparer:
        for name in names:
            task = tasks.load(name, "short")
            comparer.settings = replace(comparer.settings, steps=task.steps)
            c = comparer.compare(task)
            if any(run.status != "ok" for run in c.runs):
                raise SystemExit(report.verdict(c))
            with tempfile.TemporaryDirectory() as folder:
                curves.samples(c, Path(folder) / "samples.png")
                picture = Image.open(Path(folder) / "samples.png", formats=["PNG"]).convert("RGB")
                picture = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
                picture.save(FOLDER / f"{name}.jpg", quality=70, optimize=True)
            seconds = ", ".join(f"{FRAMEWORKS[r.framework]} {r.seconds['training']:.0f} s" for r in c.runs)
            print(f"{name}: {task.steps} steps, {seconds}; curves within {report.difference(c.largest('curve'))}", flush=True)


def page() -> str:
    """docs/gallery.md, from the pictures that are there."""
    parts = [INTRODUCTION]
    for name in tasks.names():
        task = tasks.load(name, "short")
        if (FOLDER / f"{name}.jpg").is_file():
            (_, height, width), images = task.image_shape, task.batch_size * (task.repeat or 1)
            parts.append(f"## [{task.title}](../questions/{name}/README.md)\n\n"
                         f"`{task.samples['ability']}`, {height} x {width}, {task.steps:,} steps of "
                         f"{images} image{'s' if images > 1 else ''}.\n\n"
                         f"![{task.title} in four frameworks](images/gallery/{name}.jpg)\n")
    return "\n".join(parts)


if __name__ == "__main__":
    make(sys.argv[1:] or tasks.names())
    (ROOT / "docs" / "gallery.md").write_text(page(), encoding="utf-8")
