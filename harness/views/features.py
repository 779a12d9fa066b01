"""Networks that turn images into the features which FID and KID compare. PyTorch, whichever framework made the images.

Two kinds, and a number made with one says nothing beside a number made with the other:

- *Inception*: the weights that everybody uses, from a file that the user has; nothing is downloaded.
- a small classifier of the data set itself (LeNet), trained once on the real images and their labels, and kept.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn
from torch.nn import functional as F

from harness.data import Dataset, sealed
from harness.messages import WorkbookError

INCEPTION = "6726825d"          # the first digits of the file's SHA-256, which its authors put into its name
INCEPTION_NAME = "pt_inception-2015-12-05-6726825d.pth"
EPOCHS, BATCH, LEARNING_RATE = 20, 64, 1e-3
Bar = Callable[[range], Iterable[int]]          # shows how far the epochs are


class FeatureError(WorkbookError):
    """There is no such network; the message says why and what to do."""


class LeNet(nn.Module):
    """(N, C, H, W) in [0, 1] -> class scores (N, classes). ``features`` gives the 84 numbers before the last layer.

    LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", with ReLU and max-pooling, on 32 x 32.
    """

    def __init__(self, channels: int, classes: int):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU())
        self.head = nn.Linear(84, classes)

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) in [0, 1] -> (N, 84)"""
        found: torch.Tensor = self.body(F.interpolate(images, (32, 32), mode="bilinear", antialias=True, align_corners=False))
        return found

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) in [0, 1] -> (N, classes)"""
        scores: torch.Tensor = self.head(self.features(images))
        return scores


class Classifier:
    """The features of a LeNet that was trained on ``data``; trained now if ``folder`` has none of it yet, or a damaged one.

    ``accuracy``: on the images that it was trained on; ``name``: what every number made with it is called; ``notes``: remarks of
    a line for the user.
    """

    number = 84

    def __init__(self, data: Dataset, folder: Path, progress: Bar = lambda epochs: epochs):
        if len(data.class_names) < 2:
            raise FeatureError(f"{data.name} has only one class, so no classifier can be trained on it; use --inception")
        height, width, channels = data.images.shape[1:]
        self.name = f"LeNet on {data.name}"
        digest = hashlib.sha256(data.images.tobytes() + data.labels.tobytes()).hexdigest()[:12]
        path = folder / f"lenet-{data.name}-{height}x{width}x{channels}-{digest}.sealed"
        self.notes: list[str] = []
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.network = LeNet(channels, len(data.class_names)).float()
        if not self._kept(path):
            self._train(data, progress)
            try:
                sealed.write(path, save(self.network.state_dict()))
            except OSError as error:
                self.notes.append(f"the classifier cannot be kept in {folder} ({error.strerror}); it is trained again each time")
        self.network.eval()
        self.accuracy = float((self.classes(data.images) == data.labels).mean())

    def _kept(self, path: Path) -> bool:
        """Whether the weights in the file are the network's now."""
        try:
            content = sealed.read(path)
            if content is not None:
                self.network.load_state_dict(load(content))
            return content is not None
        except (sealed.Damaged, SafetensorError, RuntimeError) as error:    # RuntimeError: weights of another network
            said = error if isinstance(error, sealed.Damaged) else f"{path} does not hold this classifier"
            self.notes.append(f"{said}; the classifier was trained again")
            return False

    def _train(self, data: Dataset, progress: Bar) -> None:
        optimizer, rng = torch.optim.Adam(self.network.parameters(), LEARNING_RATE), np.random.default_rng(0)
        for _ in progress(range(EPOCHS)):
            order = rng.permutation(len(data.images))
            for first in range(0, len(order), BATCH):
                chosen = order[first:first + BATCH]
                loss = F.cross_entropy(self.network(_floats(data.images[chosen])), torch.from_numpy(data.labels[chosen]))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

    def classes(self, images: np.ndarray) -> np.ndarray:
        """uint8 (N, H, W, C) -> the most probable class of each, int64 (N,)"""
        return np.asarray(self._scores(images).argmax(1))

    @torch.no_grad()
    def _scores(self, images: np.ndarray) -> np.ndarray:
        return np.concatenate([self.network(_floats(images[i:i + 256])).numpy() for i in range(0, len(images), 256)])

    @torch.no_grad()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """uint8 (N, H, W, C) -> float64 (N, 84)"""
        parts = [self.network.features(_floats(images[i:i + 256])).numpy() for i in range(0, len(images), 256)]
        return np.concatenate(parts).astype(np.float64)


class Inception:
    """The 2048 features of Inception v3 with the weights in ``path``, as published results have them."""

    number, name, accuracy, notes = 2048, "Inception", None, ()

    def __init__(self, path: Path):
        if not path.is_file():
            raise FeatureError(f"there is no file {path}; get {INCEPTION_NAME} from the releases of pytorch-fid")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if not digest.startswith(INCEPTION):
            raise FeatureError(f"{path} is not {INCEPTION_NAME}: its SHA-256 starts with {digest[:8]}, not with {INCEPTION}")
        try:
            from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
        except (ImportError, RuntimeError) as error:        # RuntimeError: a torchvision that was built for another torch
            raise FeatureError(f"Inception needs `pip install -r requirements-inception.txt` ({error})") from None
        self.network = FeatureExtractorInceptionV3("inception-v3-compat", ["2048"], feature_extractor_weights_path=str(path)).eval()

    @torch.no_grad()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """uint8 (N, H, W, C) -> float64 (N, 2048)"""
        images = np.broadcast_to(images, (*images.shape[:3], 3))
        parts = [self.network(torch.from_numpy(images[i:i + 32].transpose(0, 3, 1, 2).copy()))[0] for i in range(0, len(images), 32)]
        return torch.cat(parts).double().numpy()


def _floats(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).float() / 255
