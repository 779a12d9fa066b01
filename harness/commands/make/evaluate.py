"""``evaluate``: numbers for trained answers."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.progress import track
from rich.text import Text

from harness import tasks
from harness.commands.console import err, out, show_table
from harness.commands.make.explore import AnyFramework, File
from harness.commands.terminal import DataDir, DataName, Root
from harness.frameworks import FRAMEWORKS, named
from harness.tasks import ROOT

if TYPE_CHECKING:
    from harness.views.evaluate import Evaluation

HEADINGS = ("Task", "Framework", "Steps", "FID", "FID of real", "KID", "Recognised", "Reconstruction", "ELBO", "Losses")


def evaluate(
    name: Annotated[Optional[str], typer.Argument(metavar="[TASK]", help="Refuse checkpoints of another task.")] = None,
    checkpoint: Annotated[list[Path], typer.Option(metavar="FILE", help="A checkpoint, or the folder of a run; if several, the "
                                                                        "result is a table.")] = ...,       # type: ignore[assignment]
    n: Annotated[int, typer.Option("--n", min=2, help="The number of generated images, and of real ones.")] = 1000,
    framework: AnyFramework = None,
    file: File = None,
    inception: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Inception's weights, checked by SHA-256. Without "
                                                                           "them a small classifier is trained on the data set.")] = None,
    data: DataName = None,
    data_dir: DataDir = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    cache: Annotated[Path, typer.Option(metavar="DIR", help="Where trained classifiers are kept.")] = Path("out") / "features",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    root: Root = ROOT,
) -> None:
    """Compute FID and KID, the bias of FID at this number of images, the reconstruction error, and the losses on unseen images."""
    from harness.views.evaluate import evaluate_all

    found = evaluate_all(checkpoint, name and tasks.named(name, root), n, cache, framework=framework and named(framework),
                         inception=inception, data=data, data_dir=data_dir, seed=seed, root=root, file=file, progress=_bar)
    if as_json:
        print(json.dumps([asdict(e) for e in found], indent=1))
    else:
        _show(found)


def _bar(epochs: range) -> Iterable[int]:
    return track(epochs, "the classifier", console=err, disable=not err.is_terminal)


def _show(found: list["Evaluation"]) -> None:
    rows = []
    for e in found:
        kid = "" if e.kid is None else f"{e.kid:.4f}" + ("" if e.kid_spread is None else f" ± {e.kid_spread:.4f}")
        rows.append((
            e.task, FRAMEWORKS[e.framework], f"{e.step:,}", *("" if v is None else f"{v:.2f}" for v in (e.fid, e.bias)), kid,
            "" if e.recognised is None else f"{e.recognised:.1%}",
            "" if e.reconstruction is None else f"{e.reconstruction:.4f}", "" if e.elbo is None else f"{e.elbo:.2f}",
            ", ".join(f"{name} {value:.4g}" for name, value in e.losses.items())))
    show_table(HEADINGS, rows)
    for line in dict.fromkeys(f"FID and KID with {e.n:,} images, on the features of {e.features}" for e in found if e.fid is not None):
        out.print(Text(line), soft_wrap=True)
    for note in dict.fromkeys(note for e in found for note in e.notes):
        out.print(Text(f"note: {note}", style="yellow"), soft_wrap=True)
