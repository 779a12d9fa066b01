"""Depth images: of drawn solids, against geometry in closed form; of models in OFF files, well made and damaged."""

import time

import numpy as np
import pytest
from test_datasets import check_form, refused

from harness import data as datasets
from harness.data import files, module

depth = module("depth")
modelnet40 = module("modelnet40")
Part, camera, look, pixel_centres, shade = (getattr(depth, name) for name in ("Part", "camera", "look", "pixel_centres", "shade"))

HALVES = np.array((0.5, 0.3, 0.7))                  # of a box
CORNERS = [HALVES * (x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
FACES = ((0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5))


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    monkeypatch.delenv("WORKBOOK_DATA", raising=False)
    monkeypatch.setattr(files, "SYSTEM", tmp_path / "system")


def off(corners=CORNERS, faces=FACES, first="OFF\n"):
    return (f"{first}{len(corners)} {len(faces)} 0\n" + "".join("%.17g %.17g %.17g\n" % tuple(c) for c in corners)
            + "".join(f"{len(face)} {' '.join(map(str, face))}\n" for face in faces))


def write(directory, path, text=off()):
    path = directory / "ModelNet40" / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def box_depth(halves, view, height, width):
    """Where rays enter a box around the origin, by the slab method: past all three pairs of planes, before any exit."""
    right, up, near = camera(view)
    x, y = np.meshgrid(*pixel_centres(height, width))
    start = x[..., None] * right + y[..., None] * up + near
    with np.errstate(divide="ignore"):              # a ray along a side: it meets that pair of planes at infinity
        one, other = (-halves - start) / -near, (halves - start) / -near
    entry, leave = np.minimum(one, other).max(-1), np.maximum(one, other).min(-1)
    return np.where(entry <= leave, entry, np.inf)


def same(found, expected, tolerance, pixels=0):
    """Depths must agree where both see something, and all but a few pixels of the outline in what they see."""
    seen = np.isfinite(found) & np.isfinite(expected)
    assert seen.sum() > 20
    assert np.abs(found[seen] - expected[seen]).max() < tolerance
    assert (np.isfinite(found) != np.isfinite(expected)).sum() <= pixels


# --- The camera -----------------------------------------------------------------------------------------------------
def test_cameras_stand_in_a_ring():
    for view in range(8):
        axes = camera(view)
        np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-15)
        np.testing.assert_allclose(np.cross(axes[0], axes[1]), axes[2], atol=1e-15)     # right-handed
        assert axes[2, 2] == pytest.approx(0.5) and axes[0, 2] == 0 and axes[1, 2] > 0
        assert np.arctan2(axes[2, 1], axes[2, 0]) % (2 * np.pi) == pytest.approx(view * np.pi / 4)


def test_near_is_bright_and_nothing_is_black():
    assert shade(np.array([0, 1, 1.5, np.inf])).tolist() == [255, 140, 83, 0]


def test_pixels_are_square_and_the_shorter_side_holds_the_ball():
    x, y = pixel_centres(4, 8)
    assert x.tolist() == [-1.75, -1.25, -0.75, -0.25, 0.25, 0.75, 1.25, 1.75] and y.tolist() == [0.75, 0.25, -0.25, -0.75]


# --- Solids ---------------------------------------------------------------------------------------------------------
def part(kind, surface, centre=(0, 0, 0), size=1.0, rotation=np.eye(3)):
    return Part(kind, surface, rotation, np.array(centre, float), size)


def box(x, y, z):
    return np.maximum(np.maximum(np.abs(x) - HALVES[0], np.abs(y) - HALVES[1]), np.abs(z) - HALVES[2])


def ball(x, y, z):
    return np.sqrt(x * x + y * y + z * z) - 1


@pytest.mark.parametrize("view", range(8))
def test_box(view):
    same(look([part("box", box)], view, 33, 65), box_depth(HALVES, view, 33, 65), 3e-4, pixels=2)


def test_moved_and_scaled_ball():
    centre, size = np.array((0.2, -0.1, 0.3)), 0.4
    right, up, near = camera(3)
    x, y = np.meshgrid(*pixel_centres(48, 48))
    aside = (x - centre @ right) ** 2 + (y - centre @ up) ** 2
    expected = 1 - centre @ near - np.sqrt(np.where(aside < size ** 2, size ** 2 - aside, np.nan))
    same(look([part("sphere", ball, centre, size)], 3, 48, 48), np.nan_to_num(expected, nan=np.inf), 2e-3, pixels=4)


def test_nearer_part_hides_the_other():
    parts = [part("sphere", ball, (0, 0, 0.4), 0.4), part("box", box, (0.2, 0, -0.3), 0.5)]
    each = [look([one], 2, 32, 32) for one in parts]
    np.testing.assert_array_equal(look(parts, 2, 32, 32), np.minimum(*each))


@pytest.mark.parametrize("kind", depth.CLASS_NAMES[:-1])
def test_surfaces_are_below_the_distance_and_reach_out_to_1(kind):
    """Sphere tracing is right if a surface never gives more than the distance to any point that is inside."""
    rng = np.random.default_rng(0)
    for _ in range(5):
        surface = depth.primitive(rng, kind)
        points = rng.uniform(-1.1, 1.1, (20_000, 3))
        value, radius = surface(*points.T), np.linalg.norm(points, axis=1)
        inside = points[value <= 0]
        assert len(inside) > 50 and radius[value <= 0].max() <= 1 + 1e-9
        directions = rng.standard_normal((20_000, 3))
        directions /= np.linalg.norm(directions, axis=1)[:, None]
        assert surface(*(0.97 * directions).T).min() < 0.1
        outside = points[value > 0][:300]
        nearest = np.sqrt(((outside[:, None] - inside[None, :2000]) ** 2).sum(-1).min(1))
        assert (surface(*outside.T) <= nearest + 1e-12).all()


@pytest.mark.parametrize("kind", depth.CLASS_NAMES[:-1])
def test_tracing_finds_what_small_steps_find(kind):
    """March through the ball in small even steps: the first one inside lies just behind the traced depth."""
    parts = depth.solid(np.random.default_rng(5), kind)
    found, (right, up, near) = look(parts, 1, 24, 24), camera(1)
    x, y = np.meshgrid(*pixel_centres(24, 24))
    steps = np.linspace(0, 2, 2001)
    points = (x[..., None, None] * right + y[..., None, None] * up + near) - steps[:, None] * near
    local = (points - parts[0].centre) @ parts[0].rotation.T / parts[0].size
    inside = parts[0].surface(*np.moveaxis(local, -1, 0)) <= 0
    first = np.where(inside.any(-1), steps[inside.argmax(-1)], np.inf)
    same(found, first, 0.012, pixels=3)


def test_solids_stay_in_the_ball():
    for seed in range(60):
        kind = depth.CLASS_NAMES[seed % 7]
        parts = depth.solid(np.random.default_rng(seed), kind)
        assert len(parts) == (2 if kind == "union" else 1)
        assert all(np.linalg.norm(p.centre) + p.size <= 1 + 1e-12 for p in parts)
        for p in parts:
            np.testing.assert_allclose(p.rotation @ p.rotation.T, np.eye(3), atol=1e-12)
            assert np.linalg.det(p.rotation) == pytest.approx(1)


# --- The drawn set --------------------------------------------------------------------------------------------------
def test_drawn_images():
    started = time.process_time()
    data = datasets.load("depth", number=256)
    assert time.process_time() - started < 2
    check_form(data)
    assert data.images.shape == (256, 64, 64, 1) and data.masks is None and data.notes == ()
    assert data.class_names == depth.CLASS_NAMES
    assert data.labels[:64].tolist() == [label for label in (0, 1, 2, 3, 4, 5, 6, 0) for _ in range(8)]
    drawn = data.images > 0
    assert 0.03 < drawn.mean((1, 2)).min() and drawn.mean((1, 2)).max() < 0.8
    assert 25 < data.images[drawn].min() < 100 and data.images.max() > 230
    assert len(np.unique(data.images.reshape(256, -1), axis=0)) > 250


def test_an_image_depends_on_seed_split_and_place_alone():
    some, more = (depth.load("train", 16, 16, number, 3)[0] for number in (13, 70))
    np.testing.assert_array_equal(some, more[:13])
    assert not np.array_equal(some, depth.load("train", 16, 16, 13, 4)[0])
    assert not np.array_equal(some, depth.load("test", 16, 16, 13, 3)[0])


def test_larger_images_show_the_same_solids():
    small, large = (depth.load("test", 4 * n, 6 * n, 56)[0][..., 0].astype(float) for n in (12, 36))
    assert np.abs(large[:, 1::3, 1::3] - small).max() <= 1          # every third pixel has the same centre


@pytest.mark.parametrize("classes, number", [(("torus",), 3), (("union", "box"), 20), (("cone",), 17)])
def test_classes_are_chosen(classes, number):
    data = datasets.load("depth", number=number, classes=classes, height=12, width=12)
    assert len(data.images) == number and data.notes == ()
    everything = depth.load("train", 12, 12, 400)
    wanted = np.isin(everything[1], [depth.CLASS_NAMES.index(name) for name in classes])
    np.testing.assert_array_equal(data.images, everything[0][wanted][:number])


def test_default_number(monkeypatch):
    monkeypatch.setitem(depth.DEFAULT_NUMBER, "test", 9)
    data = datasets.load("depth", "test", height=8, width=8, channels=3)
    assert data.images.shape == (9, 8, 8, 3)
    assert datasets.describe("depth").where == "embedded" and datasets.fetch("depth") == []


@pytest.mark.parametrize("wrong", [{"number": -1}, {"seed": -1}, {"height": 0}, {"width": -2}, {"split": "valid"}])
def test_wrong_arguments_are_named(wrong):
    (name, value), = wrong.items()
    with pytest.raises(ValueError, match=f"{name}.{value}|unknown split 'valid'"):
        depth.load(**{"number": 1, **wrong})


# --- ModelNet40 -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", [
    off(), off(first="OFF"), off(first="OFF "), off(first="# a box\nOFF\n\n# counts\n"),
    off().replace("\n", "\r\n"), off().replace("4 0 2 6 4", "4 0 2 6 4 255 0 0  # red"), off().replace(" 0\n0", "\n0", 1),
    off(faces=[corners for a, b, c, d in FACES for corners in ((a, b, c), (a, c, d))]),
    off(faces=[(0, 1, 3), (0, 3, 2), *FACES[1:]])])
def test_every_form_of_off(tmp_path, text):
    triangles = modelnet40.read(write(tmp_path, "bed/train/bed_0001.off", text))
    assert triangles.shape == (12, 3, 3)
    sides = np.linalg.norm(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1) / 2
    assert sides.sum() == pytest.approx(8 * (HALVES @ np.roll(HALVES, 1)))


@pytest.mark.parametrize("view", range(8))
def test_model_of_a_box(tmp_path, view):
    """Anywhere and of any size, it is moved to the origin and scaled until its corners have distance 1."""
    path = write(tmp_path, "bed/train/bed_0001.off", off([30 * corner + (100, -7, 3) for corner in CORNERS]))
    triangles = modelnet40.fit_ball(modelnet40.read(path))
    expected = box_depth(HALVES / np.linalg.norm(HALVES), view, 40, 56)
    same(modelnet40.look(triangles, view, 40, 56), expected, 1e-12)


def test_triangles_in_portions(tmp_path, monkeypatch):
    triangles = modelnet40.fit_ball(np.random.default_rng(0).standard_normal((50, 3, 3)))
    whole = modelnet40.look(triangles, 0, 32, 32)
    monkeypatch.setattr(modelnet40, "CANDIDATES", 1000)
    np.testing.assert_array_equal(modelnet40.look(triangles, 0, 32, 32), whole)


def test_triangles_without_area_are_not_seen():
    flat = np.array([[(0, 0, 0), (1, 0, 0), (0.5, 0, 0)], [(0, 0, 1), (0, 0, 1), (0, 0, 1)]], float)
    assert np.isinf(modelnet40.look(flat, 0, 16, 16)).all()


def test_models_stand_in_for_drawn_solids(tmp_path):
    paths = [write(tmp_path, f"{name}/train/{name}_{i:04}.off", off(first=first))
             for name, i, first in (("bed", 1, "OFF\n"), ("bed", 2, "OFF"), ("chair", 3, "OFF\n"))]
    for directory in (tmp_path, tmp_path / "ModelNet40"):
        data = datasets.load("depth", data_dir=directory, height=20, width=20)
        check_form(data)
        assert data.images.shape == (24, 20, 20, 1) and len(data.class_names) == 40
        names = [data.class_names[label] for label in data.labels]
        assert names == ["bed"] * 8 + ["chair"] * 8 + ["bed"] * 8
        assert data.notes == (f"ModelNet40: {tmp_path / 'ModelNet40'} holds only the classes bed, chair",)
    assert datasets.fetch("depth", tmp_path) == paths
    assert datasets.describe("depth", tmp_path).where == str(tmp_path / "ModelNet40")
    chairs = datasets.load("depth", "test", data_dir=tmp_path, number=3, classes=("chair",), height=20, width=20)
    np.testing.assert_array_equal(chairs.images, data.images[8:11])
    assert chairs.split == "train" and "only the train split" in chairs.notes[0]
    assert datasets.load("depth", number=8).class_names == depth.CLASS_NAMES       # without files: drawn


def test_only_the_models_asked_for_are_read(tmp_path):
    write(tmp_path, "bed/train/bed_0001.off")
    broken = write(tmp_path, "bed/train/bed_0002.off", "not a model")
    assert len(datasets.load("depth", data_dir=tmp_path, number=8).images) == 8
    refused([broken, "begins with 'not a model'", "OFF"], datasets.load, "depth", data_dir=tmp_path, number=9)


@pytest.mark.parametrize("text, said", [
    ("", "begins with 'nothing'"), ("OFF\n", "nothing behind"), ("OFF BINARY\n\0\1", "damaged"), ("COFF\n", "begins with 'COFF'"),
    ("OFF\n8 0 0\n", "8 corners and 0 faces"), (off()[:-12], "for 8 corners and 6 faces"),
    (off().replace("0.5 ", "x "), "could not convert"), (off().replace("0.5 ", "nan "), "not three numbers"),
    (off([*CORNERS[:4], (np.nan, 0, 0), *CORNERS[5:]]), "line 7: a corner is not three"),
    (off([*CORNERS[:4], (1e200, 0, 0), *CORNERS[5:]]), "line 7: a corner is farther away than 1e+09"),
    (off([*CORNERS[:4], (-np.inf, 0, 0), *CORNERS[5:]], first="# a box\n\nOFF\n"), "line 9: "),
    (off([(1, 2, 3)] * 8), "in one place"), (off().replace("4 0 1 3 2", "4 0 1 3 99999999999999999999"), "damaged"),
    (off().replace("0.5 ", ""), "damaged"), (off().replace("4 0 1 3 2", "4 0 1 3 8"), "from 0 to 8, there are 8"),
    (off().replace("4 0 1 3 2", "4 0 1 3 -1"), "from -1 to 7"), (off().replace("4 0 1 3 2", "4 0 1 3"), "damaged"),
    (off().replace("4 0 1 3 2", "2 0 1"), "a face with 2 corners"), (off().replace("4 0 1 3 2", "4 0 1 3 y"), "'y'"),
    (off().replace("8 6 0", "-8 6 0"), "damaged"), (off().replace("8 6 0", "99999999999 6 0"), "damaged")])
def test_damaged_off(tmp_path, text, said):
    path = write(tmp_path, "xbox/test/xbox_0104.off", text)
    refused([path, said], datasets.load, "depth", "test", data_dir=tmp_path)


def test_unreadable_off(tmp_path):
    (tmp_path / "ModelNet40/sofa/train/sofa_0001.off").mkdir(parents=True)
    refused(["sofa_0001.off", "cannot be read"], datasets.load, "depth", data_dir=tmp_path)


def test_a_tiny_model_is_seen_as_a_large_one(tmp_path):
    """The squares of its coordinates are zero."""
    sizes = (1, 1e-200, 1e8)
    pictures = []
    for size in sizes:
        write(tmp_path / str(size), "bed/train/bed_0001.off", off([tuple(size * x for x in corner) for corner in CORNERS]))
        pictures.append(datasets.load("depth", data_dir=tmp_path / str(size), number=8, height=16, width=16).images)
    assert pictures[0].any() and all(np.array_equal(picture, pictures[0]) for picture in pictures[1:])
