"""Train what tools/zoo.toml lists to the end, measure it, and write docs/zoo.md with its pictures.

    .venv/bin/python tools/zoo.py [NAME ...] [--data-dir DIR] [--framework F] [--page]

Each training can be stopped at any time (out/zoo keeps it) and goes on where it was. What is done is measured once and not trained
again: its numbers are in docs/zoo.json, its picture in docs/images/zoo. --page only writes the page.
"""

import argparse
import csv
import json
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import tasks
from harness.training import checkpoint as checkpoints
from tools import zoo_page

OUT, N = ROOT / "out" / "zoo", 1000
NUMBERS, PICTURES = ROOT / "docs" / "zoo.json", ROOT / "docs" / "images" / "zoo"
LARGEST = 720       # pixels of a picture


def workbook(*arguments: str) -> str:
    """What ``workbook ARGUMENTS`` prints. Raises SystemExit where it fails; its progress is shown."""
    done = subprocess.run([sys.executable, "-m", "harness", *arguments], stdout=subprocess.PIPE, cwd=ROOT, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"`workbook {' '.join(arguments)}` ended with {done.returncode}\n{done.stdout}")
    return done.stdout


def command(entry: dict[str, Any], framework: str) -> list[str]:
    """The arguments of ``workbook`` that make this training."""
    found = ["train", entry["task"], "--framework", framework]
    for option in ("size", "data", "steps", "seed"):
        if option in entry:
            found += [f"--{option}", str(entry[option])]
    return found


def seconds(folder: Path) -> float:
    """That a run took, over all its parts: in each the clock begins at 0."""
    with open(folder / "losses.csv", encoding="utf-8", newline="") as file:
        times = [float(row["seconds"]) for row in csv.DictReader(file)]
    return sum(a for a, b in pairwise([*times, 0.0]) if b < a)


def make(name: str, entry: dict[str, Any], framework: str, data_dir: list[str]) -> dict[str, Any]:
    """Train one entry to its end and measure it; its picture is written. Returns what the page says of it."""
    folder = OUT / name
    arguments = command(entry, framework)
    workbook(*arguments, "--resume", "--out", str(folder), *data_dir)
    begun = checkpoints.load(folder)
    if "embed" in entry:
        checkpoints.save(checkpoints.to_look_at(begun, entry["embed"]), tasks.trained_path(begun.task))
    measured, = json.loads(workbook("evaluate", "--checkpoint", str(folder), "--n", str(N), "--json", *data_dir))
    view = entry.get("view", "samples")
    workbook("explore", begun.task, "--checkpoint", str(folder), "--only", view, "--out", str(OUT / "views" / name), *data_dir)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with Image.open(OUT / "views" / name / f"{view}.png", formats=["PNG"]) as picture:
        small = picture.convert("RGB")
        small.thumbnail((LARGEST, LARGEST))
        small.save(PICTURES / f"{name}.jpg", quality=80, optimize=True)
    return {"command": "workbook " + " ".join(arguments), "size": begun.size, "data": begun.data, "seed": begun.seed,
            "seconds": round(seconds(folder)), "cores": begun.threads, "view": view, "batch": begun.batch_size,
            "hyperparameters": begun.hyperparameters, **measured}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--data-dir", metavar="DIR")
    parser.add_argument("--framework", default="pytorch")
    parser.add_argument("--page", action="store_true")
    arguments = parser.parse_args()
    entries = tomllib.loads((ROOT / "tools" / "zoo.toml").read_text(encoding="utf-8"))
    if unknown := set(arguments.names) - set(entries):
        raise SystemExit(f"tools/zoo.toml has no {', '.join(sorted(unknown))}")
    says = {name: entry.pop("says") for name, entry in entries.items() if "says" in entry}
    done = json.loads(NUMBERS.read_text(encoding="utf-8")) if NUMBERS.is_file() else {}
    for name in [] if arguments.page else arguments.names or [name for name in entries if name not in done]:
        done[name] = make(name, entries[name], arguments.framework, ["--data-dir", arguments.data_dir] if arguments.data_dir else [])
        kept = {n: done[n] for n in entries if n in done}
        NUMBERS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        print(f"{name}: {done[name]['seconds']} s", flush=True)
    (ROOT / "docs" / "zoo.md").write_text(zoo_page.page({n: done[n] for n in entries if n in done}, says), encoding="utf-8")


if __name__ == "__main__":
    main()
