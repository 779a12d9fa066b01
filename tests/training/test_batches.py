"""Batches are the same for every framework, at any step, in any precision and layout."""

from dataclasses import replace

import numpy as np
import pytest

from harness import tasks
from harness.tasks import Noise
from harness.training.batches import Batches

NUMBER, HEIGHT, WIDTH = 10, 3, 5


@pytest.fixture
def make(rng):
    images = rng.integers(0, 256, (NUMBER, HEIGHT, WIDTH, 2), dtype=np.uint8)
    labels, masks = np.arange(NUMBER), images[..., 0] % 3
    noise = {"images": "images", "labels": "labels", "masks": "masks", "z": Noise("normal", (4,)),
             "mask": Noise("bernoulli", (2, HEIGHT, WIDTH), {"probability": 0.25}),
             "a": Noise("uniform", (), {"low": -1.0, "high": 1.0})}

    def batches(precision="float64", layout="NCHW", seed=0, batch_size=4, repeat=None, **batch):
        task = replace(tasks.load("ae"), batch=batch or noise, batch_size=batch_size, repeat=repeat)
        return Batches(task, images, labels, masks, seed=seed, precision=precision, layout=layout)
    return batches


def test_any_step_without_the_others(make):
    straight = make()
    forwards = [straight(step) for step in range(20)]
    for step in (13, 2, 19):
        for name, array in make()(step).items():
            np.testing.assert_array_equal(array, forwards[step][name])


def test_layouts_and_precisions_hold_the_same_numbers(make):
    first, last, single = make()(3), make(layout="NHWC")(3), make(precision="float32")(3)
    for name in first:
        turned = last[name].transpose(0, 3, 1, 2) if last[name].ndim == 4 else last[name]
        np.testing.assert_array_equal(first[name], turned)
        assert last[name].flags.c_contiguous and first[name].flags.c_contiguous
        np.testing.assert_array_equal(first[name].astype(single[name].dtype), single[name])
    assert first["images"].dtype == first["z"].dtype == np.float64
    assert single["images"].dtype == single["z"].dtype == np.float32
    assert first["labels"].dtype == single["labels"].dtype == np.int64


def test_pixels_span_the_range_exactly(make):
    levels = make().levels
    assert levels[0] == -1 and levels[255] == 1 and (np.diff(levels) > 0).all()


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_a_large_data_set_gives_the_same_batches(layout, make, monkeypatch):
    kept = make(layout=layout)(3)["images"]
    monkeypatch.setattr("harness.training.batches.FLOATS_LIMIT", 0)
    batches = make(layout=layout)
    assert batches.floats is None
    np.testing.assert_array_equal(batches(3)["images"], kept)


@pytest.mark.parametrize("batch_size", [1, 3, 4, 10, 25])
def test_every_epoch_shows_each_image_once(make, batch_size):
    batches = make(batch_size=batch_size, labels="labels")
    stream = np.concatenate([batches(step)["labels"] for step in range(60)])
    epochs = [stream[i:i + NUMBER] for i in range(0, 60, NUMBER)]
    assert all(sorted(epoch) == list(range(NUMBER)) for epoch in epochs)
    assert any((epoch != epochs[0]).any() for epoch in epochs[1:]), "epochs must be shuffled anew"


def test_images_labels_and_masks_stay_together(make):
    batch = make()(7)
    plain = make(images="images", labels="labels", masks="masks")
    assert batch["masks"].shape == (4, 3, HEIGHT, WIDTH) and (batch["masks"].sum(axis=1) == 1).all()
    np.testing.assert_array_equal(batch["masks"].argmax(axis=1), plain.masks[batch["labels"]])
    np.testing.assert_array_equal(batch["images"], plain.floats[batch["labels"]])


def test_noise_differs_by_step_seed_and_entry(make):
    batch = make(x=Noise("normal", (4,)), y=Noise("normal", (4,)))
    assert (batch(0)["x"] != batch(1)["x"]).all() and (batch(0)["x"] != batch(0)["y"]).all()
    assert (make(seed=1, x=Noise("normal", (4,)))(0)["x"] != batch(0)["x"]).all()


def test_distributions(make):
    batch = make(batch_size=20000, z=Noise("normal", ()), a=Noise("uniform", (), {"low": -1.0, "high": 1.0}),
                 b=Noise("bernoulli", (), {"probability": 0.25}))(0)
    assert abs(batch["z"].mean()) < 0.03 and abs(batch["z"].std() - 1) < 0.03
    assert -1 <= batch["a"].min() < -0.99 and 0.99 < batch["a"].max() < 1 and abs(batch["a"].mean()) < 0.03
    assert set(np.unique(batch["b"])) == {0.0, 1.0} and abs(batch["b"].mean() - 0.25) < 0.02
    with pytest.raises(ValueError, match="unknown distribution 'gauss'"):
        make(z=Noise("gauss", ()))(0)


def test_several_batches_in_one_step(make):
    repeated = make(repeat=5, labels="labels", z=Noise("normal", (4,)))(2)
    assert make(repeat=1, labels="labels")(2)["labels"].shape == (1, 4)       # one critic step is still counted
    assert repeated["labels"].shape == (5, 4) and repeated["z"].shape == (5, 4, 4)
    np.testing.assert_array_equal(repeated["labels"].ravel(), make(batch_size=20, labels="labels")(2)["labels"])
    assert make(repeat=5, labels="labels", z=Noise("normal", (4,), once=True))(2)["z"].shape == (4, 4)
    maps = {"labels": "labels", "m": Noise("normal", (2, HEIGHT, WIDTH))}
    first, last = (make(repeat=5, layout=layout, **maps)(2)["m"] for layout in ("NCHW", "NHWC"))
    np.testing.assert_array_equal(first, np.moveaxis(last, -1, 2))


def test_samples_are_the_first_images_even_if_there_are_fewer(make):
    np.testing.assert_array_equal(make(labels="labels").samples(13)["labels"], [*range(10), 0, 1, 2])
