"""Make anew what README.md, docs/agreement.md and the path show: pictures in docs/images, and the tables between markers.

    .venv/bin/python tools/readme.py            # everything, or the table of all tasks alone, or a row of pictures a task:
    .venv/bin/python tools/readme.py tasks
    .venv/bin/python tools/readme.py pictures

Takes ten minutes. The tables stand between <!-- begin NAME --> and <!-- end NAME -->.
"""

import base64
import io
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import nbformat
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import data as datasets
from harness import tasks
from harness.frameworks import FRAMEWORKS
from harness.lockstep import curves, report
from harness.lockstep.compare import Comparer, Comparison, Settings
from harness.pictures import plots
from harness.processes.machine import cores

IMAGES = ROOT / "docs" / "images"
AGREEMENT, PATH = ROOT / "docs" / "agreement.md", ROOT / "questions" / "README.md"
STEPS = 200


def markdown(headings: Sequence[object], rows: Iterable[Iterable[object]]) -> str:
    lines: list[Iterable[object]] = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def compare(settings: Settings, names: Iterable[str] = ("ae",)) -> Iterator[Comparison]:
    """The tasks ``names`` under ``settings``, one comparison each; the autoencoder by default."""
    with Comparer(settings) as comparer:
        for task in tasks.load_all(names, settings.size):
            print(f"{task.name}, {settings.size}, {settings.precision}{', native' if settings.native else ''}",
                  file=sys.stderr)
            yield comparer.compare(task)


def row_of(c: Comparison) -> tuple[str, ...]:
    """A task in the table of all: its question, the largest differences, seconds of all four, steps/s of each."""
    differences = (report.difference(c.largest(what)) for what in ("curve", "parameter", "output"))
    speeds = (f"{c.settings.steps / run.seconds['training']:,.0f}" for run in c.runs)
    seconds = sum(run.seconds["training"] for run in c.runs)
    return (f"[{c.task.title}](../questions/{c.task.name}/README.md)", f"[日本語](../questions/{c.task.name}/README.ja.md)",
            *differences, f"{seconds:.0f}", *speeds)


def put(page: Path, name: str, text: str) -> None:
    """Put ``text`` between the markers of ``name`` in ``page``."""
    old = page.read_text(encoding="utf-8")
    new, found = re.subn(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", lambda m: m[1] + text + "\n" + m[2], old,
                         flags=re.DOTALL)
    assert found == 1, f"{page} must have the markers of {name} once"
    page.write_text(new, encoding="utf-8")


def autoencoder(lockstep: Settings) -> None:
    """The pictures and tables of the autoencoder at full size."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    plots.contact_sheet(datasets.load("newts", number=16, height=96, width=96), IMAGES / "newts.png", number=16)
    settings = {"float64, lockstep": lockstep,
                "float32, lockstep": replace(lockstep, precision="float32"),
                "float64, native": replace(lockstep, native=True)}
    runs = {name: next(compare(s)) for name, s in settings.items()}
    proof = runs["float64, lockstep"]
    curves.curves(proof, IMAGES / "ae_curves.png")
    curves.samples(proof, IMAGES / "ae_samples.png")
    put(AGREEMENT, "agreement", markdown(report.HEADINGS, report.rows(proof)))
    put(AGREEMENT, "precision", markdown(("", "Curves", "Parameters", "Outputs"), (
        (name, *(report.difference(c.largest(what)) for what in ("curve", "parameter", "output")))
        for name, c in runs.items())))


def all_tasks(lockstep: Settings) -> None:
    """The table of all tasks, at check size."""
    started = time.perf_counter()
    everything = list(compare(replace(lockstep, size="check"), tasks.names()))
    table = markdown(("Question", "", "Curves", "Parameters", "Outputs", "Seconds", *FRAMEWORKS.values()),
                     map(row_of, everything))
    put(AGREEMENT, "tasks", f"{table}\n\nAll of it took {time.perf_counter() - started:.0f} seconds on {cores()} cores.")
    if not all(c.agree for c in everything):
        raise SystemExit("not all tasks agree: " + ", ".join(c.task.name for c in everything if not c.agree))


def views(name: str) -> dict[str, Image.Image]:
    """The still pictures that the notebook of a task shows with ``model.view``, by the view's name."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("model.view("):
            data = re.search(r'src="data:image/webp;base64,([^"]+)"', "".join(o.data.get("text/html", "") for o in cell.outputs))
            if data:
                found[cell.source.split('"')[1]] = Image.open(io.BytesIO(base64.b64decode(data[1])), formats=["WEBP"]).convert("RGB")
    return found


def rows_of_pictures() -> None:
    """A row a task, from its notebook: what a short training in PyTorch makes, of images that it was not trained on."""
    folder, lines = IMAGES / "rows", []
    folder.mkdir(exist_ok=True)
    for name in tasks.names():
        shown = views(name)
        view = next(v for v in ("classes", "samples", "translations", "grid") if v in shown)
        picture = shown[view]
        if view == "samples":           # of four lines the first
            picture = picture.crop((0, 0, picture.width, picture.height // 4))
        picture.thumbnail((640, 400), Image.Resampling.LANCZOS)
        picture.save(folder / f"{name}.jpg", quality=88)
        lines.append((f"[{tasks.load(name).title}](../notebooks/{name}.ipynb)",
                      f'<img src="../docs/images/rows/{name}.jpg" alt="{name}: {view}">'))
    put(PATH, "pictures", markdown(("Notebook", "A short training"), lines))


if __name__ == "__main__":
    settings, wanted = Settings(tuple(FRAMEWORKS), size="full", steps=STEPS), sys.argv[1:] or ["ae", "tasks", "pictures"]
    makers: dict[str, Callable[[], None]] = {"ae": lambda: autoencoder(settings), "tasks": lambda: all_tasks(settings),
                                             "pictures": rows_of_pictures}
    for name, make in makers.items():
        if name in wanted:
            make()
