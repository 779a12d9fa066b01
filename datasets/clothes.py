"""Clothes: 7,000 pictures of Fashion-MNIST, 600 of each class for the training and 100 for the test.

Source: H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747; https://github.com/zalandoresearch/fashion-mnist
Copyright (c) 2017 Zalando SE, https://tech.zalando.com, MIT licence (datasets/clothes.LICENSE). The data set fashion_mnist has all
70,000.

clothes.png holds them in rows of 100, as they follow in Zalando's files, but class after class in turn: image i is of class i mod 10.
"""

from pathlib import Path

import numpy as np

from harness.data.dataset import Images, Info, Labels
from harness.data.images import open_picture

SIDE, COLUMNS, TRAIN = 28, 100, 6000
INFO = Info("clothes", "clothes and shoes, white on black: a tenth of Fashion-MNIST", "28x28, 1 channel",
            {"train": TRAIN, "test": 1000}, "embedded")
CLASS_NAMES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")


def load(split: str) -> tuple[Images, Labels]:
    """Return images uint8 (N, 28, 28, 1), white on black, and labels int64 (N,)."""
    mosaic = np.asarray(open_picture(Path(__file__).with_suffix(".png")))
    images = mosaic.reshape(-1, SIDE, COLUMNS, SIDE).swapaxes(1, 2).reshape(-1, SIDE, SIDE, 1)
    chosen = slice(TRAIN) if split == "train" else slice(TRAIN, None)
    return images[chosen], np.arange(len(images), dtype=np.int64)[chosen] % len(CLASS_NAMES)
