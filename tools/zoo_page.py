"""docs/zoo.md, from the numbers of its trainings."""

from collections.abc import Iterable
from typing import Any

from harness import tasks
from harness.frameworks import FRAMEWORKS

INTRODUCTION = """# The zoo

This page is for everyone who wants to know what the recipes of the questions lead to: each was trained to its end, measured, and its
pictures are here. Learners see what to expect before they train for an hour; instructors see how long it takes.

A **small** network is what the questions call `--size short`: narrow enough to come with the workbook, trained for longer than the
notebooks do. `workbook explore TASK` shows it, computed by any of the four frameworks, before you have trained anything. A **full**
network is the question's own. All inputs are images that were not used in the training.

{table}

- *FID of real* compares real images with other real images, at the same number of images. It is what a perfect generator would reach.
  KID has no such offset. Both are computed with {n:,} images on the {number} features of a small classifier of the same data set
  (LeNet), so they can be compared only within one data set.
- *Error*: the mean squared error of a reconstruction per pixel, for pixels from 0 to 1. *ELBO*: in nats per image.
- *Minutes* on {cores}, beside other work: a quiet machine of two cores needs about half of it.

Made by `tools/zoo.py`, from the list in `tools/zoo.toml`.

"""


def page(done: dict[str, dict[str, Any]], says: dict[str, str]) -> str:
    """The page's text. ``done``: what docs/zoo.json has; ``says``: a sentence or two under the picture of each."""
    sections, seen = [], set[str]()
    for name, e in done.items():
        heading = "" if e["task"] in seen else f"## [{tasks.load(e['task']).title}](../questions/{e['task']}/README.md)\n\n"
        seen.add(e["task"])
        sections.append(f"{heading}`{e['command']}`\n\n![{e['view']} of {name}](images/zoo/{name}.jpg)\n\n"
                        + "\n\n".join(filter(None, (says.get(name, ""), _numbers(e)))) + "\n")
    cores = sorted({e["cores"] for e in done.values()})
    said = " or ".join("one core" if n == 1 else f"{n} cores" for n in cores)
    return INTRODUCTION.format(table=_table(done), n=max(e["n"] for e in done.values()), number=84, cores=said) + "\n".join(sections)


def _table(done: dict[str, dict[str, Any]]) -> str:
    headings = "Task", "Network", "Data", "Steps", "Images in a step", "Minutes", "FID", "FID of real", "KID", "Error", "ELBO"
    rows: list[Iterable[str]] = [headings, ["---"] * 5 + ["---:"] * 6]
    for e in done.values():
        repeat = tasks.load(e["task"], e["size"], data=e["data"]).repeat or 1
        rows.append((f"[{tasks.load(e['task']).title}](../questions/{e['task']}/README.md)", "small" if e["size"] == "short" else e["size"],
                     e["data"], f"{e['step']:,}", f"{e['batch'] * repeat}", f"{e['seconds'] / 60:.0f}" if e["seconds"] > 90 else "1",
                     _some(e["fid"], "{:.3g}"), _some(e["bias"], "{:.2g}"), _some(e["kid"], "{:.3f}"), _some(e["reconstruction"], "{:.4f}"),
                     _some(e["elbo"], "{:.1f}")))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _some(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def _numbers(e: dict[str, Any]) -> str:
    """The losses at the end, and how many images a classifier puts into the class that was asked for."""
    said = [f"{name} {value:.4g}" for name, value in e["losses"].items()]
    words = f"Losses on images that were not used in the training: {', '.join(said)}." if said else ""
    if e["recognised"] is not None:
        words += (f" A classifier puts {round(e['recognised'] * e['n']):,} of {e['n']:,} made images into the class that was asked for.")
    return (words + f" Trained in {FRAMEWORKS[e['framework']]}.").strip()
