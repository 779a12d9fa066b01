"""Imori's photographs and masks, made here in small, whole and damaged."""

import ast

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image
from test_datasets import no_setting, refused  # noqa: F401

from harness.data import fetch, images, load
from harness.data.images import open_picture, to_rgb

COLOURS = {"akahara": (200, 30, 30), "madara": (30, 200, 30)}


@pytest.fixture
def directory(tmp_path):
    """Two photos of each class to train with, 20 high and 10 wide; the newt is the lower half."""
    for index, (name, colour) in enumerate(COLOURS.items(), start=1):
        photo, mask = np.zeros((20, 10, 3), np.uint8), np.zeros((20, 10), np.uint8)
        photo[10:], mask[10:] = colour, index
        palette = Image.fromarray(mask).convert("P")
        palette.putdata(mask.ravel().tolist())
        palette.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
        for number in (1, 2):
            for kind, suffix, image in (("images", "jpg", Image.fromarray(photo)), ("seg_images", "png", palette)):
                path = tmp_path / "imori" / "train" / kind / name / f"{name}_{number:04}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                image.save(path)
    return tmp_path


def test_classes_in_turn_with_their_masks(directory):
    data = load("imori", height=8, width=12, data_dir=directory)
    assert data.labels.tolist() == [0, 1, 0, 1]
    for image, mask, label in zip(data.images, data.masks, data.labels):
        assert (mask[:4] == 0).all() and (mask[4:] == label + 1).all()
        assert image[:3].max() < 60 and np.abs(image[6:] - list(COLOURS.values())[label]).max() < 20


def test_native_size_is_64(directory):
    data = load("imori", channels=1, number=2, data_dir=directory)
    assert data.images.shape == (2, 64, 64, 1) and data.masks.shape == (2, 64, 64)


def test_one_split_only(directory):
    data = load("imori", "test", data_dir=directory)
    assert data.split == "train" and "holds only the train split" in data.notes[0]
    assert len(fetch("imori", directory)) == 8


@pytest.mark.parametrize("kind, name", [("images", "madara_0002.jpg"), ("seg_images", "madara_0002.png")])
@pytest.mark.parametrize("change", [lambda data: data[:len(data) // 2], lambda data: b"", lambda data: b"<html>"])
def test_image_that_cannot_be_decoded(directory, kind, name, change):
    path = directory / "imori" / "train" / kind / "madara" / name
    path.write_bytes(change(path.read_bytes()))
    refused([path, "not a readable image"], load, "imori", data_dir=directory)


@pytest.mark.parametrize("name", ["seg_images/akahara/akahara_0001.png", "images/madara/madara_0002.jpg"])
def test_one_of_a_pair_is_missing(directory, name):
    path = directory / "imori" / "train" / name
    path.unlink()
    refused([path, "missing"], load, "imori", data_dir=directory)


@pytest.mark.parametrize("mask, said", [
    (Image.new("L", (20, 10)), "20x10 pixels, its photo has 10x20"),
    (Image.new("RGB", (10, 20)), "not a mask"),
    (Image.new("L", (10, 20), 3), "not a mask"),
])
def test_mask_that_does_not_fit(directory, mask, said):
    path = directory / "imori/train/seg_images/akahara/akahara_0001.png"
    mask.save(path)
    refused([path, said], load, "imori", data_dir=directory)


@pytest.mark.parametrize("level, expected", [(0, 0), (128, 0), (129, 1), (257, 1), (25700, 100), (32768, 128), (65535, 255)])
def test_sixteen_bits_become_eight(tmp_path, level, expected):
    path = tmp_path / "grey.jpg"
    Image.fromarray(np.full((2, 3), level, np.uint16)).save(path, format="PNG")
    assert (to_rgb(open_picture(path)) == np.full((2, 3, 3), expected)).all()


def test_a_mask_of_sixteen_bits_is_none(directory):
    path = directory / "imori/train/seg_images/akahara/akahara_0001.png"
    Image.fromarray(np.full((20, 10), 1, np.uint16)).save(path)
    refused([path, "not a mask"], load, "imori", data_dir=directory)


POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 20\n%%EndComments\nshowpage\n%%EOF\n"


@pytest.mark.parametrize("form", ["EPS", "BMP", "GIF", "TIFF", "PPM"])
def test_other_formats_are_not_opened(directory, monkeypatch, form):
    """Pillow gives PostScript to Ghostscript, a program of its own."""
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", lambda *_, **__: pytest.fail("Ghostscript was called"))
    path = directory / "imori/train/images/akahara/akahara_0001.jpg"
    if form == "EPS":
        path.write_bytes(POSTSCRIPT)
    else:
        Image.new("RGB", (10, 20)).save(path, format=form)
    refused([path, "not a readable image, PNG or JPEG"], load, "imori", data_dir=directory)


def test_too_large_a_picture(directory, monkeypatch):
    monkeypatch.setattr(images, "MOST_PIXELS", 199)     # the photos have 200
    refused(["10x20 pixels, at most 199"], load, "imori", data_dir=directory)


def test_every_image_file_is_opened_as_what_it_should_be():
    """Image.open alone would try all formats that Pillow knows, and hand some to other programs."""
    calls = [(path, node) for folder in ("harness", "datasets", "tools") for path in (ROOT / folder).rglob("*.py")
             for node in ast.walk(ast.parse(path.read_text("utf-8")))
             if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Image.open")]
    assert calls and not [f"{path}:{node.lineno}" for path, node in calls if "formats" not in [k.arg for k in node.keywords]]
