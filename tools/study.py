"""The study behind conv_vae, vae_gan and unet_vae_gan: trained on CIFAR-10's airplanes and automobiles, compared by FID and KID.

    .venv/bin/python tools/study.py --data-dir DIR [--minutes 30] [--framework keras] [--inception FILE]

Writes docs/study.md and its pictures. Trainings are kept in out/study and go on where they were stopped.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import tasks
from harness.frameworks import FRAMEWORKS
from harness.processes.machine import cores
from harness.training import checkpoint as checkpoints
from harness.training import log, task_data

TASKS = {"conv_vae": 249.76, "vae_gan": 254.7, "unet_vae_gan": 162.29}         # the source's FID, Inception, N = 100
NUMBERS = (100, 5000)
PICTURED = {"unet_vae_gan": ": each with the skips of a real image"}
OUT = ROOT / "out" / "study"
PAGE = """# Three ways to blur less: a study

This page is for readers of the questions `conv_vae`, `vae_gan` and `unet_vae_gan`: it compares what the three make after the same
training time, and compares the numbers with those of their source.

The three tasks were trained at the question's full size on CIFAR-10's airplanes and automobiles (32 x 32, each also mirrored), for
{minutes:g} minutes each, in {framework} on {cores} cores. Then N images were generated and compared with N real images, on the features
of {features}{accuracy}.

{table}

*FID of real* compares real images with other real images at the same N. This part of an FID is not an error of the model.
*Reconstruction* is the mean squared error per pixel, for pixels from 0 to 1, on images that were not used in the training.

## Beside the source

The source of the three questions reports these FIDs: {source}.
They use Inception's features and N = {small}. A smaller FID is better. Which of two tasks is better, and by how much:

{pairs}

The numbers themselves cannot be equal:

- **Other features.** {why}
  The unit of a distance depends on its features.
- **Another N.** With 100 images in Inception's 2,048 dimensions, the covariance has rank 99. Then most of the FID is the bias of the
  estimate, which is similar for every model. So if two numbers differ by 2 %, as the source's first two do, this does not show which
  is better. KID has no such bias.
- **Another training.** The number of steps is what fitted into the time. Initial weights, batches and noise are different too.

**`unet_vae_gan` does not generate from noise alone.** Its decoder gets the skips of a real image (here one that was not used in the
training) with a little noise. It only has to copy them. So a small FID shows that it copies well. It does not show that it generates
well. The same is true of the source's number, because the question has the same recipe.

## What they make

{pictures}

Made by `tools/study.py --data-dir DIR --minutes {minutes:g}`.
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--framework", default="pytorch", choices=list(FRAMEWORKS))
    parser.add_argument("--inception", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def train(name: str, options: argparse.Namespace) -> None:
    """As many steps as fit into the minutes: a short run says how many that is, and the long one goes on from it."""
    folder, command = OUT / name, [sys.executable, "-m", "harness", "train", name, "--framework", options.framework]
    command += ["--data", "cifar10", "--data-dir", str(options.data_dir), "--out", str(folder), "--sheets", "12"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    plan = OUT / f"{name}.json"
    if not plan.is_file():
        subprocess.run([*command, "--steps", "10", "--force"], check=True, env=environment)
        seconds = log.read(folder / "losses.csv")["seconds"]
        plan.write_text(json.dumps({"steps": max(20, round(options.minutes * 60 / ((seconds[-1] - seconds[4]) / 5)))}))
    steps = json.loads(plan.read_text())["steps"]
    if checkpoints.load(folder).step < steps:
        process = subprocess.run([*command, "--steps", str(steps), "--resume"], env=environment, check=False)
        if process.returncode:
            sys.exit(process.returncode)


def evaluate(name: str, options: argparse.Namespace) -> None:
    """In a process of its own: the numbers and a sheet of generated images, into out/study."""
    from harness.pictures.arrays import mosaic
    from harness.training import run as training
    from harness.views import evaluate as measures
    from harness.views.features import Classifier, Inception
    from harness.views.model import Model

    begun = checkpoints.load(OUT / name)
    task = replace(tasks.load(name, begun.size), batch_size=begun.batch_size)
    unseen = task_data.load(task, "cifar10", options.data_dir, split="test")
    seen = task_data.load(task, "cifar10", options.data_dir)
    features = Inception(options.inception) if options.inception else Classifier(seen, ROOT / "out" / "features")
    model = Model(training.load(begun, task, begun.framework, unseen), unseen, OUT)
    rows = []
    for number in NUMBERS:
        found = measures.evaluate(model, features, seen.images, number, begun)
        rows.append({**asdict(found), "accuracy": features.accuracy})
    (OUT / f"{name}.numbers.json").write_text(json.dumps(rows))
    made = measures.generated(model, 32)
    assert made
    sheet = mosaic(made[0], 8).repeat(2, axis=0).repeat(2, axis=1)
    Image.fromarray(sheet).save(ROOT / "docs" / "images" / f"study_{name}.jpg", quality=88)


def page(options: argparse.Namespace) -> str:
    lines = ["| Task | Steps | N | FID | FID of real | KID | Reconstruction |", "|---|---:|---:|---:|---:|---:|---:|"]
    found = {name: json.loads((OUT / f"{name}.numbers.json").read_text()) for name in TASKS}
    for name, rows in found.items():
        for r in rows:
            spread = "" if r["kid_spread"] is None else f" ± {r['kid_spread']:.3f}"
            lines.append(f"| {name} | {r['step']:,} | {r['n']:,} | {r['fid']:#.3g} | {r['bias']:.2g} | {r['kid']:z.3f}{spread} | "
                         f"{r['reconstruction']:.4f} |")
    first = found["conv_vae"][0]
    why = (f"Here they are the 84 features of a small classifier ({first['features']}), because the workbook\n  does not download "
           "Inception's weights by itself; with `--inception FILE` it uses them." if not options.inception else
           "They are Inception's here as well, but other programs resize and decode the images.")
    return PAGE.format(
        minutes=options.minutes, framework=FRAMEWORKS[first["framework"]], cores=cores(), features=first["features"],
        accuracy=f" (which classifies {first['accuracy']:.1%} of its training images correctly)" if first["accuracy"] else "",
        table="\n".join(lines), source=", ".join(f"{value} ({name})" for name, value in TASKS.items()), small=NUMBERS[0],
        pairs="\n".join(pairs(found)), why=why,
        pictures="\n\n".join(f"`{name}`{PICTURED.get(name, '')}\n\n![32 images made by {name}](images/study_{name}.jpg)"
                             for name in TASKS))


def pairs(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    """A table: of each two tasks, which has the smaller FID and by how much, in the source and here."""
    lines = ["| | source, N = 100 |" + "".join(f" here, N = {n:,} |" for n in NUMBERS), "|---|---|" + "---|" * len(NUMBERS)]
    for a, b in itertools.combinations(TASKS, 2):
        values = [(TASKS[a], TASKS[b])] + [(found[a][i]["fid"], found[b][i]["fid"]) for i in range(len(NUMBERS))]
        cells = [f"{a if x < y else b}, by {100 * abs(x - y) / max(x, y):.3g} %" for x, y in values]
        lines.append(f"| {a} or {b} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    options = arguments()
    OUT.mkdir(parents=True, exist_ok=True)
    if options.one:
        evaluate(options.one, options)
        return
    for name in TASKS:
        started = time.monotonic()
        train(name, options)
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--one", name], check=True)
        print(f"{name}: {(time.monotonic() - started) / 60:.1f} minutes", file=sys.stderr)
    (ROOT / "docs" / "study.md").write_text(page(options), encoding="utf-8")


if __name__ == "__main__":
    main()
