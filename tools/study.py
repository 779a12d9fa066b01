"""The study behind conv_vae, vae_gan and unet_vae_gan: trained on CIFAR-10's airplanes and automobiles, compared by FID and KID.

    .venv/bin/python tools/study.py --data-dir DIR [--minutes 30] [--framework keras] [--inception FILE]

Writes docs/study.md and its pictures. Trainings are kept in out/study and go on where they were stopped.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import checkpoint as checkpoints  # noqa: E402
from harness import compare, record  # noqa: E402
from harness import task as tasks  # noqa: E402
from harness.frameworks import FRAMEWORKS  # noqa: E402
from harness.pool import cores  # noqa: E402

TASKS = {"conv_vae": 249.76, "vae_gan": 254.7, "unet_vae_gan": 162.29}         # the source's FID, Inception, N = 100
NUMBERS = (100, 5000)
OUT = ROOT / "out" / "study"
PAGE = """# Three ways to blur less

`conv_vae`, `vae_gan` and `unet_vae_gan` at the question's full size, on CIFAR-10's airplanes and automobiles (32 x 32, each also
mirrored), {minutes:g} minutes of training each in {framework} on {cores} cores; then as many images as given were generated from
noise, and compared with as many real ones. FID and KID on the features of {features}.

{table}

*FID of real* is the distance of real images from other real images at the same N: what of the number is not the model's
fault. The source of the three questions reports FID {source} at N = 100, on Inception's features.

{reading}

{pictures}

Made by `tools/study.py --minutes {minutes:g}`.
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--framework", default="pytorch", choices=list(FRAMEWORKS))
    parser.add_argument("--inception", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def train(name: str, options) -> None:
    """As many steps as fit into the minutes: a short run says how many that is, and the long one goes on from it."""
    folder, command = OUT / name, [sys.executable, "-m", "harness", "train", name, "--framework", options.framework]
    command += ["--data", "cifar10", "--data-dir", str(options.data_dir), "--out", str(OUT / name), "--sheets", "12"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    plan = OUT / f"{name}.json"
    if not plan.is_file():
        subprocess.run([*command, "--steps", "10", "--force"], check=True, env=environment)
        seconds = record.read(folder / "losses.csv")["seconds"]
        plan.write_text(json.dumps({"steps": max(20, round(options.minutes * 60 / ((seconds[-1] - seconds[4]) / 5)))}))
    steps = json.loads(plan.read_text())["steps"]
    if checkpoints.load(folder).step < steps:
        process = subprocess.run([*command, "--steps", str(steps), "--resume"], env=environment, check=False)
        if process.returncode:
            sys.exit(process.returncode)


def evaluate(name: str, options) -> None:
    """In a process of its own: the numbers and a sheet of generated images, into out/study."""
    from harness import evaluate as measures
    from harness import explore, training
    from harness.features import Classifier, Inception

    begun = checkpoints.load(OUT / name)
    task = replace(tasks.load(name, begun.size), batch_size=begun.batch_size)
    unseen = compare.load_data(task, "cifar10", options.data_dir, split="test")
    seen = compare.load_data(task, "cifar10", options.data_dir)
    features = Inception(options.inception) if options.inception else Classifier(seen, ROOT / "out" / "features")
    model = explore.Model(training.load(begun, task, begun.framework, unseen), unseen, OUT)
    rows = []
    for number in NUMBERS:
        found = measures.evaluate(model, features, seen.images, number, begun)
        rows.append({"n": number, "fid": found.fid, "bias": found.bias, "kid": found.kid, "spread": found.kid_spread,
                     "reconstruction": found.reconstruction, "features": found.features, "accuracy": features.accuracy,
                     "steps": begun.step, "framework": begun.framework})
    (OUT / f"{name}.numbers.json").write_text(json.dumps(rows))
    images = measures.generated(model, 32)
    sheet = explore.mosaic(images, 8).repeat(2, axis=0).repeat(2, axis=1)
    Image.fromarray(sheet).save(ROOT / "docs" / "images" / f"study_{name}.jpg", quality=88)


def page(options) -> str:
    lines = ["| Task | Steps | N | FID | FID of real | KID | Reconstruction |", "|---|---:|---:|---:|---:|---:|---:|"]
    found = {name: json.loads((OUT / f"{name}.numbers.json").read_text()) for name in TASKS}
    for name, rows in found.items():
        lines += [f"| {name} | {r['steps']:,} | {r['n']:,} | {r['fid']:.1f} | {r['bias']:.1f} | {r['kid']:.3f} ± {r['spread']:.3f} | "
                  f"{r['reconstruction']:.4f} |" for r in rows]
    order = [sorted(TASKS, key=lambda name: found[name][i]["fid"]) for i in range(len(NUMBERS))]
    source = sorted(TASKS, key=TASKS.get)
    reading = (
        f"From best to worst, the source has {', '.join(source)}; here it is {', '.join(order[0])} at N = {NUMBERS[0]} and "
        f"{', '.join(order[1])} at N = {NUMBERS[1]:,}. The numbers themselves cannot be the same: another feature network "
        f"({found['conv_vae'][0]['features']}, {len(NUMBERS)} values of N), images decoded another way, fewer steps, and FID at N = 100 in "
        "2,048 dimensions is mostly bias.") if not options.inception else (
        f"From best to worst, the source has {', '.join(source)}; here it is {', '.join(order[0])} at N = {NUMBERS[0]}.")
    first = found["conv_vae"][0]
    return PAGE.format(minutes=options.minutes, framework=FRAMEWORKS[first["framework"]], cores=cores(), features=first["features"],
                       table="\n".join(lines), source=", ".join(f"{value} ({name})" for name, value in TASKS.items()), reading=reading,
                       pictures="\n\n".join(f"**{name}**, generated:\n\n![{name}](images/study_{name}.jpg)" for name in TASKS))


def main():
    options = arguments()
    OUT.mkdir(parents=True, exist_ok=True)
    if options.one:
        return evaluate(options.one, options)
    for name in TASKS:
        started = time.monotonic()
        train(name, options)
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--one", name], check=True)
        print(f"{name}: {(time.monotonic() - started) / 60:.1f} minutes", file=sys.stderr)
    (ROOT / "docs" / "study.md").write_text(page(options), encoding="utf-8")


if __name__ == "__main__":
    main()
