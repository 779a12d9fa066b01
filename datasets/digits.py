"""Digits: 1,797 handwritten digits that come with scikit-learn, brought to the size and look of MNIST.

Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository (1998).
They are real handwriting, scanned, normalised to 32x32 bits and counted down to 8x8 numbers from 0 to 16.
"""

import numpy as np

from harness.data.dataset import Images, Info, Labels

TRAIN = 1500  # the first so many; the other 297 are for the test
INFO = Info("digits", "small handwritten digits, white on black", "28x28, 1 channel", {"train": TRAIN, "test": 297},
            "embedded")
CLASS_NAMES = tuple("0123456789")


def load(split: str) -> tuple[Images, Labels]:
    """Return images uint8 (N, 28, 28, 1), white on black, and labels int64 (N,)."""
    from sklearn.datasets import load_digits
    digits = load_digits()
    chosen = slice(TRAIN) if split == "train" else slice(TRAIN, None)
    images = np.stack([enlarge(image / 16) for image in digits.images[chosen]])
    return images[..., None], digits.target[chosen]


def enlarge(digit: np.ndarray) -> Images:
    """Bring a digit (8, 8) with values from 0 to 1 to uint8 (28, 28).

    One black pixel all round becomes MNIST's margin of 3. The bicubic enlargement is smooth but pale and blurred;
    the S-curve after it gives the strokes their contrast and takes the blur beside them away.
    """
    from PIL import Image
    smooth = Image.fromarray(np.pad(digit, 1).astype(np.float32)).resize((28, 28), Image.Resampling.BICUBIC)
    ink = np.clip((np.asarray(smooth) - 0.2) / (0.75 - 0.2), 0, 1)
    return np.rint(255 * ink**2 * (3 - 2 * ink)).astype(np.uint8)
