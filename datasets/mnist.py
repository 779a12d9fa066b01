"""MNIST: 70,000 handwritten digits of Y. LeCun, C. Cortes and C. Burges, in IDX files.

Source: http://yann.lecun.com/exdb/mnist/, here from a mirror of the CVDF. `files` and `load` serve Fashion-MNIST too.
"""

from . import idx
from .base import DataError, Info, check_labels

INFO = Info("mnist", "handwritten digits, white on black", "28x28, 1 channel", {"train": 60_000, "test": 10_000})
CLASS_NAMES = tuple("0123456789")
BASE = "https://storage.googleapis.com/cvdf-datasets/mnist/"
SHA256 = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
STEMS = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


def files(directory):
    """Return {split: [its files in the directory]}, gzipped or plain, without the splits that have none."""
    found = {split: [path for stem in stems if (path := file(directory, stem)).is_file()]
             for split, stems in STEMS.items()}
    return {split: paths for split, paths in found.items() if paths}


def file(directory, stem):
    """The plain file if it is there, else the gzipped one, there or not."""
    plain = directory / stem
    return plain if plain.is_file() else directory / f"{stem}.gz"


def load(directory, split):
    """Return images uint8 (N, 28, 28, 1) and labels uint8 (N,). Raises DataError on a missing or damaged file."""
    paths = [file(directory, stem) for stem in STEMS[split]]
    for path in paths:
        if not path.is_file():
            raise DataError(f"{path}: missing; put it there, gzipped or plain, next to the other {split} files")
    images, labels = idx.read(paths[0], dimensions=3), idx.read(paths[1], dimensions=1)
    if images.shape[1:] != (28, 28):
        raise DataError(f"{paths[0]}: images of {images.shape[1]}x{images.shape[2]} pixels, expected 28x28")
    check_labels(paths[1], labels, len(images), CLASS_NAMES)
    return images[..., None], labels
