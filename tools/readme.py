"""Make anew what README.md shows: the pictures in docs/images and the tables between its markers.

    .venv/bin/python tools/readme.py

Takes about two minutes. The tables stand between <!-- begin NAME --> and <!-- end NAME -->.
"""

import re
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import datasets  # noqa: E402
from harness import pictures, report  # noqa: E402
from harness.compare import Comparer, Settings, load_tasks  # noqa: E402
from harness.frameworks import FRAMEWORKS  # noqa: E402

IMAGES = ROOT / "docs" / "images"
STEPS = 200


def markdown(headings, rows) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def compare(settings: Settings):
    """The autoencoder at full size under ``settings``."""
    print(f"comparing: {settings.precision}{', native' if settings.native else ''}", file=sys.stderr)
    with Comparer(settings) as comparer:
        (task,) = load_tasks(["ae"], "full")
        return comparer.compare(task)


def put(name: str, text: str) -> None:
    """Put ``text`` between README.md's markers of ``name``."""
    path = ROOT / "README.md"
    old = path.read_text(encoding="utf-8")
    new, found = re.subn(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", lambda m: m[1] + text + "\n" + m[2], old,
                         flags=re.DOTALL)
    assert found == 1, f"README.md must have the markers of {name} once"
    path.write_text(new, encoding="utf-8")


def main():
    IMAGES.mkdir(parents=True, exist_ok=True)
    pictures.contact_sheet(datasets.load("newts", number=16, height=96, width=96), IMAGES / "newts.png", number=16)
    lockstep = Settings(tuple(FRAMEWORKS), size="full", steps=STEPS)
    runs = {"float64, lockstep": compare(lockstep),
            "float32, lockstep": compare(replace(lockstep, precision="float32", tolerance=None)),
            "float64, native": compare(replace(lockstep, native=True))}
    proof = runs["float64, lockstep"]
    pictures.curves(proof, IMAGES / "ae_curves.png")
    pictures.samples(proof, IMAGES / "ae_samples.png")
    put("agreement", markdown(report.HEADINGS, report.rows(proof)))
    put("precision", markdown(("", "Curves", "Parameters", "Outputs"), (
        (name, *(report.difference(c.largest(what)) for what in ("curve", "parameter", "output")))
        for name, c in runs.items())))


if __name__ == "__main__":
    main()
