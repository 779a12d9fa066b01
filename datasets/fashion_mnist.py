"""Fashion-MNIST: 70,000 pictures of Zalando's articles, in the files of MNIST.

Source: H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747; https://github.com/zalandoresearch/fashion-mnist
"""

from pathlib import Path

from harness.data import idx
from harness.data.dataset import Images, Info, Labels

INFO = Info("fashion_mnist", "clothes and shoes, white on black", "28x28, 1 channel",
            {"train": 60_000, "test": 10_000})
CLASS_NAMES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
BASE = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"  # offers no https; the checksums vouch
SHA256 = {
    "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
files = idx.files


def load(directory: Path, split: str) -> tuple[Images, Labels]:
    """Return images uint8 (N, 28, 28, 1) and labels uint8 (N,). Raises DataError on a missing or damaged file."""
    return idx.load(directory, split, CLASS_NAMES)
