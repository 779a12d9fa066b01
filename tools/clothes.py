"""Make datasets/clothes.png from Fashion-MNIST's files: 600 images of each class of the training split, 100 of the test's.

    .venv/bin/python tools/clothes.py [DIR with fashion_mnist/]
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import data

OF_A_CLASS = {"train": 600, "test": 100}


def main(directory: Path | None) -> None:
    chosen, form = [], data.module("clothes")
    for split, number in OF_A_CLASS.items():
        found = data.load("fashion_mnist", split, data_dir=directory)
        by_class = [found.images[found.labels == label][:number] for label in range(len(found.class_names))]
        chosen.append(np.stack(by_class, axis=1).reshape(-1, form.SIDE, form.SIDE))      # the first of each class, the second of each ...
    images = np.concatenate(chosen)
    mosaic = images.reshape(-1, form.COLUMNS, form.SIDE, form.SIDE).swapaxes(1, 2).reshape(-1, form.COLUMNS * form.SIDE)
    Image.fromarray(mosaic).save(ROOT / "datasets" / "clothes.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
