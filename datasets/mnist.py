"""MNIST: 70,000 handwritten digits of Y. LeCun, C. Cortes and C. Burges, in IDX files.

Source: http://yann.lecun.com/exdb/mnist/, here from a mirror of the CVDF.
"""

from pathlib import Path

from harness.data import idx
from harness.data.dataset import Images, Info, Labels

INFO = Info("mnist", "handwritten digits, white on black", "28x28, 1 channel", {"train": 60_000, "test": 10_000})
CLASS_NAMES = tuple("0123456789")
BASE = "https://storage.googleapis.com/cvdf-datasets/mnist/"
SHA256 = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
files = idx.files


def load(directory: Path, split: str) -> tuple[Images, Labels]:
    """Return images uint8 (N, 28, 28, 1) and labels uint8 (N,). Raises DataError on a missing or damaged file."""
    return idx.load(directory, split, CLASS_NAMES)
