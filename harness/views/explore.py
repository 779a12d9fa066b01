"""What the questions ask to look at, made from a checkpoint: one function a view.

Which views a task has follows from its abilities: who can encode has a latent space to be drawn, who can generate from
one vector of noise has walks through it, who is given labels has a row a class. The pictures are plain arrays as far as
they can be; matplotlib draws what has axes.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from harness.pictures import plots
from harness.pictures.arrays import COLUMNS, animate, mosaic, sheet, to_uint8
from harness.tasks import Noise
from harness.views.model import Model

GRID = 30                   # images along each axis of the grid of codes
WALK, CIRCLE = 50, 360      # frames
FRAME = {"walk": 60, "circle": 40}      # milliseconds each
SIZES = (1, 2, 6, 512)      # of a rendered image: so many times the training's size, the last in pixels
ALPHAS = (0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)


def latent(model: Model) -> list[Path]:
    """A point an image, where the encoder puts it, in its class's colour; more than two axes are turned so that the two
    in which the codes are spread most are seen."""
    codes, names = model.codes, ("z1", "z2")
    if codes.shape[1] > 2:
        centred = codes - codes.mean(0)
        codes, names = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T, ("1st principal axis", "2nd")
    path = model.folder / "latent.png"
    plots.scatter(codes, model.data.labels[:len(codes)], model.data.class_names, path, names,
                     title=f"{model.task.title}: codes of {len(codes):,} images")
    return [path]


def grid(model: Model) -> list[Path]:
    """30 x 30 images over a square of the latent plane: of the first two latent variables; where there are more, the others are 0."""
    assert model.decoder
    noise, number = model.task.batch.get(model.decoder[1]), model.draw(1).shape[1]
    if not isinstance(noise, Noise):
        (left, bottom), (right, top) = (np.percentile(model.codes[:, :2], share, axis=0) for share in (2, 98))
    else:
        low, high = (noise.options["low"], noise.options["high"]) if noise.distribution == "uniform" else (-2.5, 2.5)
        left, right, bottom, top = low, high, low, high
    across, up = np.linspace(left, right, GRID), np.linspace(top, bottom, GRID)
    codes = np.zeros((GRID ** 2, number))
    codes[:, :2] = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    path, what = model.folder / "grid.png", "the latent plane" if number == 2 else f"z1 and z2 of {number}, the others are 0"
    plots.plane(mosaic(model.decode(codes), GRID), (left, right, bottom, top), path, title=f"{model.task.title}: {what}")
    return [path]


def walk(model: Model) -> list[Path]:
    """A straight line between two codes, for eight pairs of them."""
    a, b = model.draw(2 * COLUMNS).reshape(2, COLUMNS, -1)
    frames = [model.decode(a + (b - a) * t) for t in np.linspace(0, 1, WALK)]
    return [animate([mosaic(f, COLUMNS // 2) for f in frames], model.folder / "walk.gif", FRAME["walk"])]


def circle(model: Model) -> list[Path]:
    """Once around: cos t a + sin t b about the centre. Of normal a and b every point is as probable as any other."""
    assert model.decoder
    a, b = model.draw(2)
    centre = model.codes.mean(0) if model.decoder[1] == "encode" else 0.0
    angles = np.linspace(0, 2 * np.pi, CIRCLE, endpoint=False)[:, None]
    made = model.decode(centre + np.cos(angles) * (a - centre) + np.sin(angles) * (b - centre))
    return [animate(list(made), model.folder / "circle.gif", FRAME["circle"])]


def interpolation(model: Model) -> list[Path]:
    """Rows from one real image to another, through the codes between theirs."""
    number = 4
    images = model.batch["images"][:2 * number]
    codes = model.trainer.ask("encode", {"images": images})
    lines = []
    for i in range(number):
        a, b = codes[2 * i], codes[2 * i + 1]
        between = np.stack([a + (b - a) * t for t in np.linspace(0, 1, COLUMNS)])
        made = to_uint8(model.trainer.ask("decode", {"encode": between}), model.task.pixels)
        real = to_uint8(images[2 * i:2 * i + 2], model.task.pixels)
        lines.append((f"{i + 1}", np.concatenate([real[:1], made, real[1:]])))
    path = model.folder / "interpolation.png"
    plots.grid(lines, path, title=f"{model.task.title}: real, through the codes between, real")
    return [path]


def resolutions(model: Model) -> list[Path]:
    """The same codes rendered at several sizes, beside the training's size enlarged bicubically."""
    _, height, width = model.task.image_shape
    codes = model.trainer.ask("encode", {"images": model.batch["images"][:4]})
    small = to_uint8(model.trainer.ask("decode", {"encode": codes}), model.task.pixels)
    written, rows = [], []
    for times in SIZES:
        factor = times if times < SIZES[-1] else max(1, round(SIZES[-1] / height))
        size = (round(times * height), round(times * width)) if times < SIZES[-1] else (times, round(times * width / height))
        made = to_uint8(model.trainer.ask("render", {"encode": codes}, height=size[0], width=size[1]), model.task.pixels)
        bicubic = np.stack([np.array(Image.fromarray(i.squeeze()).resize(size[::-1], Image.Resampling.BICUBIC)) for i in small])
        bicubic = bicubic.reshape(len(small), *size, -1)
        path = model.folder / f"render_{size[0]}x{size[1]}.png"
        Image.fromarray(mosaic(np.concatenate([made, bicubic]), len(made)).squeeze()).save(path)
        written.append(path)
        if factor > 1:
            rows += [(f"rendered, {size[0]}", made), (f"bicubic, {size[0]}", bicubic)]
    path = model.folder / "resolutions.png"
    plots.grid([(f"decoded, {height}", small), *rows], path, title=f"{model.task.title}: any resolution")
    return [*written, path]


def classes(model: Model) -> list[Path]:
    """A row a class, all from the same noise."""
    assert model.decoder
    _, vector = model.decoder
    codes, rows = model.draw(COLUMNS), []
    for label, name in enumerate(model.data.class_names):
        labels = np.full(COLUMNS, label, np.int64)
        made = model.trainer.ask("generate", {vector: codes, "labels": labels})
        rows.append((name, to_uint8(made, model.task.pixels)))
    path = model.folder / "classes.png"
    plots.grid(rows, path, title=f"{model.task.title}: the same noise, a row a class")
    return [path]


def translations(model: Model) -> list[Path]:
    """The mask, what was made of it, and the image that it was drawn from."""
    batch = {name: array[:COLUMNS] for name, array in model.batch.items()}
    rows = [("mask", to_uint8(batch["masks"], (0.0, 1.0))),
            ("made", to_uint8(model.trainer.ask("translate", batch), model.task.pixels)),
            ("real", to_uint8(batch["images"], model.task.pixels))]
    path = model.folder / "translations.png"
    plots.grid(rows, path, title=f"{model.task.title}: images that it was not trained on")
    return [path]


def skip_noise(model: Model) -> list[Path]:
    """One image and one code, the noise on the skips from none to as large as the skips themselves."""
    ability, alpha = model.task.abilities["generate"], model.task.hyperparameters["alpha"]
    rows = []
    for i in range(4):
        given = {name: np.repeat(model.batch[name][i:i + 1], len(ALPHAS), axis=0) for name in ability.inputs}
        for name in ability.inputs:
            if given[name].ndim == 4 and name != "images":
                given[name] = given[name] * np.array(ALPHAS)[:, None, None, None] / alpha
        real = to_uint8(given["images"][:1], model.task.pixels)
        rows.append((f"{i + 1}", np.concatenate([real, to_uint8(model.trainer.ask("generate", given), model.task.pixels)])))
    path = model.folder / "skip_noise.png"
    plots.grid(rows, path, title=f"{model.task.title}: the image whose skips are used, and alpha from 0 to 1",
                  captions=["real", *(f"{a:g}" for a in ALPHAS)])
    return [path]


def samples(model: Model) -> list[Path]:
    """What the question's picture shows, on images that were not trained on."""
    path = model.folder / "samples.png"
    Image.fromarray(sheet(model.task, model.trainer.outputs(32))).save(path)
    return [path]


def losses(model: Model) -> list[Path]:
    """The losses in their parts, on images that were not trained on: a mean and a spread over batches."""
    path = model.folder / "losses.png"
    plots.parts(test_losses(model), path, title=f"{model.task.title}: losses on unseen images")
    return [path]


def test_losses(model: Model, batches: int = 16) -> dict[str, np.ndarray]:
    """Each loss of training, on so many batches of the model's data. The steps change no weight, and the running averages are put
    back at once."""
    trainer, kept = model.trainer, model.trainer.parameters()
    found: dict[str, list[float]] = {name: [] for name in model.task.losses}
    for step in range(batches):
        for name, value in trainer.step(step).items():
            found[name].append(value)
        trainer.set_parameters(kept)
    return {name: np.array(values) for name, values in found.items()}


def views(model: Model) -> dict[str, Callable[[Model], list[Path]]]:
    """The views that the task has, by name, in the order that one looks at them."""
    task, decoder = model.task, model.decoder
    abilities = task.abilities
    encodes = "encode" in abilities and len(abilities["encode"].output) == 1
    inputs = abilities["generate"].inputs if "generate" in abilities else ()
    noise = task.batch.get(decoder[1]) if decoder else None
    size = noise.shape[0] if isinstance(noise, Noise) else encodes and abilities["encode"].output[0]
    has = {samples: True, losses: "encode" in abilities and not model.missing, latent: encodes, grid: bool(decoder) and size >= 2,
           walk: bool(decoder), circle: bool(decoder), interpolation: "decode" in abilities and abilities["decode"].inputs == ("encode",),
           resolutions: "render" in abilities, classes: bool(decoder) and "labels" in inputs,
           translations: "translate" in abilities,
           skip_noise: any(isinstance(what := task.batch.get(i), Noise) and len(what.shape) == 3 for i in inputs)}
    return {view.__name__: view for view, there in has.items() if there}
