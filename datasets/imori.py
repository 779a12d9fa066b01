"""Imori: 22 photographs of Japanese newts, akahara (red-bellied) and madara (spotted), with segmentation masks.

Source: yoyoyo-yo, DeepLearningMugenKnock (MIT licence), https://github.com/yoyoyo-yo/DeepLearningMugenKnock

    train/images/akahara/akahara_0001.jpg       256 pixels wide, 144 or 455 high; all stored upright (EXIF 1)
    train/seg_images/akahara/akahara_0001.png   same size, palette: 0 background, 1 akahara, 2 madara
"""

from pathlib import Path

import numpy as np

from harness.data.dataset import SPLITS, DataError, Images, Info, Labels, in_turn
from harness.data.images import fit, fit_masks, open_picture, to_rgb

INFO = Info("imori", "photographs of newts, with masks", "256x144 and 256x455, 3 channels, brought to 64x64",
            {"train": 16, "test": 6})
ANY_SIZE = True
CLASS_NAMES = ("akahara", "madara")
BASE = "https://raw.githubusercontent.com/yoyoyo-yo/DeepLearningMugenKnock/master/Dataset/"
SHA256 = {path: digest for digest, path in
          (line.split() for line in Path(__file__).with_suffix(".sha256").read_text("ascii").splitlines())}


def files(directory: Path) -> dict[str, list[Path]]:
    """Return {split: [its files in the directory]}, without the splits that have none."""
    found = {split: [path for pair in pairs(directory, split) for path in pair if path.is_file()] for split in SPLITS}
    return {split: paths for split, paths in found.items() if paths}


def pairs(directory: Path, split: str) -> list[tuple[Path, Path]]:
    """Return [(photo, its mask)] as paths, sorted by class; at least one of the two is there."""
    paths = []
    for name in CLASS_NAMES:
        photos, masks = (directory / split / kind / name for kind in ("images", "seg_images"))
        stems = {path.stem for path in (*photos.glob("*.jpg"), *masks.glob("*.png"))}
        paths += [(photos / f"{stem}.jpg", masks / f"{stem}.png") for stem in sorted(stems)]
    return paths


def load(directory: Path, split: str, height: int = 64, width: int = 64) -> tuple[Images, Labels, Images]:
    """Return images uint8 (N, height, width, 3), labels int64 (N,) and masks uint8 (N, height, width).

    The classes come in turn, and photos are squeezed to the size, not cropped. Raises DataError on a missing or
    damaged file.
    """
    paths = pairs(directory, split)
    labels = np.array([CLASS_NAMES.index(photo.parent.name) for photo, _ in paths])
    order = in_turn(labels)
    images = np.empty((len(order), height, width, 3), np.uint8)
    masks = np.empty((len(order), height, width), np.uint8)
    for i, pair in enumerate(order):  # one after the other: photographs may be large
        photo, mask = read_pair(*paths[pair])
        images[i], masks[i] = fit(photo[None], height, width)[0], fit_masks(mask[None], height, width)[0]
    return images, labels[order], masks


def read_pair(photo_path: Path, mask_path: Path) -> tuple[Images, Images]:
    """Return a photo uint8 (height, width, 3) and its mask uint8 (height, width) with the values 0, 1 and 2."""
    photo, mask = to_rgb(open_picture(photo_path)), open_picture(mask_path)
    if mask.mode not in ("P", "L") or np.asarray(mask).max() > len(CLASS_NAMES):
        raise DataError(f"{mask_path}: not a mask; expected a palette PNG with the values 0 to {len(CLASS_NAMES)}")
    if mask.size != photo.shape[1::-1]:
        raise DataError(f"{mask_path}: {mask.width}x{mask.height} pixels, its photo has {photo.shape[1]}x{photo.shape[0]}; "
                        "get the two files again")
    return photo, np.asarray(mask)
