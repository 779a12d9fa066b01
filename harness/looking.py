"""The commands that look at what was trained: explore, evaluate.

Exit codes: 0 done, 2 bad usage.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich import box
from rich.progress import track
from rich.table import Table
from rich.text import Text

import datasets
from harness import task as tasks
from harness.contract import ContractError
from harness.frameworks import FRAMEWORKS
from harness.task import ROOT, TaskError, did_you_mean
from harness.terminal import BadInput, DataDir, Root, err, fail, out
from harness.workplace import framework_of


Framework = Annotated[Optional[str], typer.Option("--framework", "-f", help="Which answer computes; the one that was "
                                                                            "trained by default, but any can.")]
IMAGES = 512            # that are looked at, of the test split


def register(app: typer.Typer) -> None:
    app.command()(explore)
    app.command()(evaluate)


def _model(path: Path, name: str | None, framework: str | None, data: str | None, data_dir, folder: Path, seed, root, number):
    """(the model, the checkpoint). Raises BadInput and what loading raises."""
    from harness import checkpoint as checkpoints
    from harness import compare, training
    from harness.explore import Model

    try:
        begun = checkpoints.load(path)
        if name and begun.task != name:
            raise BadInput(f"{path} is a checkpoint of '{begun.task}', not of '{name}'")
        task = tasks.load(begun.task, begun.size, root)
        task = replace(task, batch_size=begun.batch_size)
        images = compare.load_data(task, data or begun.data, data_dir, split="test", number=number)
        model = Model(training.load(begun, task, framework or begun.framework, images), images, folder, seed)
    except (checkpoints.CheckpointError, ContractError) as error:
        raise BadInput(str(error)) from None
    return model, begun


def explore(
    name: Annotated[str, typer.Argument(metavar="TASK")],
    checkpoint: Annotated[Path, typer.Option(metavar="FILE", help="A checkpoint, or the folder of a run.")],
    framework: Framework = None,
    only: Annotated[Optional[list[str]], typer.Option(metavar="VIEW", help="Only this view; can be given several times.")] = None,
    data: Annotated[Optional[str], typer.Option(help="A data set; the one that was trained on by default.")] = None,
    data_dir: DataDir = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the ends of walks.")] = 0,
    folder: Annotated[Optional[Path], typer.Option("--out", metavar="DIR", help="'explore' beside the checkpoint by default.")] = None,
    root: Root = ROOT,
):
    """Make the pictures that a question asks to look at: latent plane, walks, interpolations, classes, resolutions, ..."""
    try:
        framework = framework_of(framework)
        folder = folder or (checkpoint if checkpoint.is_dir() else checkpoint.parent) / "explore"
        model, begun = _model(checkpoint, name, framework, data, data_dir, folder, seed, root, IMAGES)
        from harness import explore as views
        found = views.views(model)
        for wanted in only or ():
            if wanted not in found:
                raise BadInput(f"'{name}' has no view '{wanted}': {did_you_mean(wanted, list(found))}")
        folder.mkdir(parents=True, exist_ok=True)
    except (BadInput, TaskError, datasets.DataError, OSError) as error:
        raise fail(error) from None
    out.print(Text(f"{name}, {FRAMEWORKS[begun.framework]} after {begun.step:,} steps, on {len(model.data.images):,} images of "
                   f"{model.data.name} ({model.data.split})"), soft_wrap=True)
    for view in track([found[n] for n in only] if only else list(found.values()), "views", console=err, disable=not err.is_terminal):
        for path in view(model):
            out.print(Text(f"written: {path}"), soft_wrap=True)


def evaluate(
    name: Annotated[Optional[str], typer.Argument(metavar="[TASK]", help="Refuse checkpoints of another task.")] = None,
    checkpoint: Annotated[list[Path], typer.Option(metavar="FILE", help="A checkpoint, or the folder of a run; several give a "
                                                                        "table.")] = ...,
    n: Annotated[int, typer.Option("--n", min=2, help="Generated images, and as many real ones.")] = 1000,
    framework: Framework = None,
    inception: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Inception's weights, checked by SHA-256; otherwise a "
                                                                           "small classifier of the data set is trained.")] = None,
    data: Annotated[Optional[str], typer.Option(help="A data set; the one that was trained on by default.")] = None,
    data_dir: DataDir = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    cache: Annotated[Path, typer.Option(metavar="DIR", help="Where trained classifiers are kept.")] = Path("out") / "features",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    root: Root = ROOT,
):
    """FID and KID, with the bias of FID at this number of images; reconstruction error; the losses on unseen images."""
    found, networks = [], {}
    try:
        framework = framework_of(framework)
        for path in checkpoint:
            model, begun = _model(path, name, framework, data, data_dir, Path("."), seed, root, n)
            from harness import compare
            from harness import evaluate as measures
            from harness.features import Classifier, FeatureError, Inception

            real = compare.load_data(model.task, model.data.name, data_dir, number=2 * n)
            try:
                key = (model.data.name, model.task.image_shape)
                if inception:
                    networks.setdefault(key, Inception(inception) if key not in networks else None)
                elif key not in networks:
                    networks[key] = Classifier(compare.load_data(model.task, model.data.name, data_dir), cache,
                                               lambda epochs: track(epochs, "training the classifier", console=err,
                                                                    disable=not err.is_terminal))
            except FeatureError as error:
                raise BadInput(str(error)) from None
            found.append(measures.evaluate(model, networks[key], real.images, n, begun))
    except (BadInput, TaskError, datasets.DataError, OSError) as error:
        raise fail(error) from None
    if as_json:
        print(json.dumps([asdict(e) for e in found], indent=1))
        return
    _show(found, checkpoint)


def _show(found, checkpoints) -> None:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for heading in ("Task", "Framework", "Steps", "FID", "FID of real", "KID", "Reconstruction", "ELBO", "Losses"):
        table.add_column(heading)
    for e in found:
        kid = "" if e.kid is None else f"{e.kid:.4f}" + ("" if e.kid_spread is None else f" ± {e.kid_spread:.4f}")
        table.add_row(e.task, FRAMEWORKS[e.framework], f"{e.step:,}", *("" if v is None else f"{v:.2f}" for v in (e.fid, e.bias)), kid,
                      "" if e.reconstruction is None else f"{e.reconstruction:.4f}", "" if e.elbo is None else f"{e.elbo:.2f}",
                      ", ".join(f"{name} {value:.4g}" for name, value in e.losses.items()))
    out.print(table)
    for line in dict.fromkeys(f"FID and KID with {e.n:,} images, on the features of {e.features}" for e in found if e.fid is not None):
        out.print(Text(line), soft_wrap=True)
    for note in dict.fromkeys(note for e in found for note in e.notes):
        out.print(Text(f"note: {note}", style="yellow"), soft_wrap=True)
