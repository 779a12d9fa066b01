"""Numbers for a trained answer: how far its images are from real ones, and what its losses are on images it has not seen.

FID: Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", arXiv
1706.08500. KID: Binkowski et al. 2018, "Demystifying MMD GANs", arXiv 1801.01401. Both by torchmetrics, on features
that are computed once. FID's estimate is biased upwards, the more the fewer images; KID's is not biased.
"""

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from harness.pictures.arrays import to_uint8
from harness.tasks import ROOT, Noise
from harness.training import task_data
from harness.training.batches import draw
from harness.training.checkpoint import Checkpoint
from harness.views import explore
from harness.views.features import Classifier, Inception
from harness.views.model import Model, load

SUBSETS, SUBSET = 100, 100      # of KID: so many, of so many features, or of all there are


@dataclass
class Evaluation:
    """``n``: generated images, and as many real ones. ``bias``: FID of real against other real images, at the same n."""

    task: str
    framework: str
    step: int
    features: str
    n: int
    fid: float | None = None
    bias: float | None = None
    kid: float | None = None
    kid_spread: float | None = None
    reconstruction: float | None = None         # mean squared error a pixel, where pixels go from 0 to 1
    elbo: float | None = None                   # nats an image, of images that were not trained on
    losses: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    recognised: float | None = None             # the share of images that the classifier puts into the class that was asked for


class _Given(nn.Module):
    """For torchmetrics: what comes in are features already."""

    def __init__(self, number: int):
        super().__init__()
        self.num_features = number

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Squared Frechet distance of the normal distributions with the moments of a (N, d) and b (M, d); N, M of 2 or more.

    |mu_a - mu_b|^2 + tr(S_a + S_b - 2 (S_a S_b)^1/2), the covariances with N - 1.
    """
    metric = FrechetInceptionDistance(feature=_Given(a.shape[1]))
    metric.update(torch.from_numpy(np.ascontiguousarray(a, np.float64)), real=True)
    metric.update(torch.from_numpy(np.ascontiguousarray(b, np.float64)), real=False)
    return float(metric.compute())


def kernel(a: np.ndarray, b: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """(KID, its standard deviation over subsets): the squared maximum mean discrepancy with (x y / d + 1)^3, unbiased."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*will save all extracted features")
        metric = KernelInceptionDistance(feature=_Given(a.shape[1]), subsets=SUBSETS, subset_size=min(SUBSET, len(a), len(b)))
    metric.update(torch.from_numpy(np.ascontiguousarray(a, np.float64)), real=True)
    metric.update(torch.from_numpy(np.ascontiguousarray(b, np.float64)), real=False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        mean, spread = metric.compute()
    return float(mean), float(spread)


def generated(model: Model, number: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray | None] | None:
    """So many images from noise, uint8, and the labels (N,) that were asked for, or None where the task is given none; what else
    the answer is given (images, labels, masks) is that of real images.

    None where the task makes no images but those that it is given.
    """
    task = model.task
    name = next((n for n in ("generate", "translate") if n in task.abilities), None)
    if name is None:
        return None
    real, rng = model.given(number), np.random.default_rng([seed, 1])
    for entry in task.abilities[name].inputs:
        if isinstance(noise := task.batch[entry], Noise):
            real[entry] = draw(noise, number, rng)
    asked_for = real["labels"] if "labels" in task.abilities[name].inputs else None
    return to_uint8(model.trainer.ask(name, real), task.pixels), asked_for


def evaluate(model: Model, features: Classifier | Inception, real: np.ndarray, number: int, about: Checkpoint) -> Evaluation:
    """``real``: uint8 (N, H, W, C), twice ``number`` if there are so many; ``about``: the checkpoint."""
    task = model.task
    found = Evaluation(task.name, about.framework, about.step, features.name, number)
    if (both := generated(model, number)) is not None:
        fakes, labels = both
        half = min(number, len(real) // 2)
        if half < number:
            found.notes.append(f"there are only {len(real):,} real images, so FID and KID use {half:,} of them, not {number:,}")
        ours, others = features(real[:half]), features(real[half:2 * half])
        made = features(fakes)
        if number <= features.number:
            found.notes.append(f"{number:,} images for {features.number:,} features: with so few images FID is much too large. "
                               "Do not compare it with an FID for another number of images; use KID")
        found.fid, found.bias = frechet(ours, made), frechet(ours, others)
        found.kid, spread = kernel(ours, made)
        if labels is not None and isinstance(features, Classifier):
            found.recognised = float(np.mean(features.classes(fakes) == labels))
        found.kid_spread = spread if half > SUBSET else None        # else each subset is all of them
    if "reconstruct" in task.abilities:
        batch = model.given(min(number, len(model.data.images)))
        low, high = task.pixels
        difference = (model.trainer.ask("reconstruct", batch) - batch["images"]) / (high - low)
        found.reconstruction = float(np.mean(np.square(difference, dtype=np.float64)))
    if model.missing:
        found.notes.append(f"the checkpoint has no {model.missing[0]}, so there are no losses")
        return found
    found.losses = {name: float(values.mean()) for name, values in explore.test_losses(model).items()}
    found.elbo = -found.losses[task.elbo] if task.elbo else None
    return found


def evaluate_all(paths: Sequence[Path], name: str | None, number: int, cache: Path, *, framework: str | None = None,
                 inception: Path | None = None, data: str | None = None, data_dir: Path | None = None, seed: int = 0,
                 root: Path = ROOT, file: Path | None = None,
                 progress: Callable[[range], Iterable[int]] = lambda epochs: epochs) -> list[Evaluation]:
    """Each checkpoint in ``paths`` evaluated with ``number`` images; one network for the features of each data set and size.

    inception: its weights, instead of a classifier, which is trained once and kept in ``cache``. Raises WorkbookError.
    """
    found, networks = [], {}
    for path in paths:
        model, begun = load(path, name, framework, data=data, data_dir=data_dir, seed=seed, number=number, root=root,
                            file=file)
        key = (model.data.name, model.task.image_shape)
        if key not in networks:
            networks[key] = Inception(inception) if inception else Classifier(
                task_data.load(model.task, model.data.name, data_dir), cache, progress)
        real = task_data.load(model.task, model.data.name, data_dir, number=2 * number)
        found.append(evaluate(model, networks[key], real.images, number, begun))
        found[-1].notes += networks[key].notes
    return found
