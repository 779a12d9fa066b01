"""What is looked at: each task's views, their sizes, and that looking changes nothing."""

import numpy as np
import pytest
from PIL import Image

from harness import frameworks, tasks
from harness.pictures.arrays import to_uint8
from harness.training import checkpoint as checkpoints
from harness.training import run as training
from harness.training import task_data
from harness.views import explore

pytestmark = pytest.mark.timeout(600)
ALL = ["samples", "losses", "latent", "grid", "walk", "circle", "interpolation"]
VIEWS = {
    "ae": ["samples", "losses", "latent", "grid", "walk", "circle", "interpolation"],
    "convae": ["samples", "losses", "interpolation"],                   # its codes are maps
    "latent_ae": ALL, "vae": ALL,
    "gaussian_vae": ["samples", "losses", "latent", "grid", "walk", "circle", "interpolation"],
    "sampling_decoder": ["samples", "losses", "latent", "grid", "walk", "circle", "interpolation", "resolutions"],
    "conv_vae": ["samples", "losses", "latent", "grid", "walk", "circle", "interpolation"],
    "vae_gan": ["samples", "losses", "latent", "grid", "walk", "circle", "interpolation"],
    "unet_vae_gan": ["samples", "losses", "latent", "grid", "walk", "circle", "skip_noise"],
    "gan": ["samples", "grid", "walk", "circle"], "dcgan": ["samples", "grid", "walk", "circle"],
    "cgan": ["samples", "grid", "walk", "circle", "classes"],
    "wgan": ["samples", "grid", "walk", "circle"], "wgan_gp": ["samples", "grid", "walk", "circle"],
    "pix2pix": ["samples", "translations"],
}


def model_of(name, folder, framework="pytorch", steps=2):
    """A model of few steps, from a checkpoint of its own."""
    task = tasks.load(name)
    frameworks.load("pytorch").configure("float32", 0)
    run = training.Run(task, "pytorch", task_data.load(task), folder / "run", steps=steps, sheets=0)
    training.Training(run).train()
    images = task_data.load(task, split="test", number=40)
    return explore.Model(training.load(checkpoints.load(folder / "run"), task, framework, images), images, folder)


@pytest.mark.parametrize("name", tasks.names())
@pytest.mark.slow
@pytest.mark.sampled
def test_every_view_of_every_task(name, tmp_path, monkeypatch):
    assert (explore.WALK, explore.CIRCLE) == (50, 360)
    monkeypatch.setattr(explore, "CIRCLE", 36)
    model = model_of(name, tmp_path)
    before = {n: a.copy() for n, a in model.trainer.parameters().items()}
    found = explore.views(model)
    assert list(found) == VIEWS[name]
    for view in found.values():
        for path in view(model):
            image = Image.open(path)
            assert min(image.size) >= 12
            if view in (explore.walk, explore.circle):      # frames that are equal are one, which stays longer
                frames = explore.WALK if view is explore.walk else explore.CIRCLE
                durations = [image.seek(i) or image.info.get("duration", 0) for i in range(image.n_frames)]
                assert sum(durations) in (frames * explore.FRAME[view.__name__], 0)
    for n, array in model.trainer.parameters().items():
        assert np.array_equal(array, before[n]), n


def test_any_framework_shows_the_same(tmp_path):
    models = {f: model_of("unet_vae_gan", tmp_path / f, f) for f in frameworks.FRAMEWORKS}
    codes = models["pytorch"].draw(3)
    images = {f: m.decode(codes).astype(int) for f, m in models.items()}
    for framework in frameworks.FRAMEWORKS:
        frameworks.load(framework).configure("float32", 0)
        assert abs(images[framework] - images["pytorch"]).max() <= 1, framework


def test_the_losses_are_those_of_training(tmp_path):
    """... of its first step from there, in each batch anew."""
    model = model_of("gaussian_vae", tmp_path)
    parameters = model.trainer.parameters()
    found = explore.test_losses(model, batches=3)
    again = training.load(checkpoints.load(tmp_path / "run"), model.task, "pytorch", model.data)
    for step in range(3):
        again.set_parameters(parameters)
        losses = again.step(step)
        assert {n: values[step] for n, values in found.items()} == losses
    assert found["loss"] == pytest.approx(found["reconstruction"] + found["kl"], rel=1e-5)


def test_rendered_sizes(tmp_path):
    model = model_of("sampling_decoder", tmp_path)
    sizes = [Image.open(path).size for path in explore.resolutions(model)[:-1]]
    height, width = model.task.image_shape[1:]
    assert sizes == [(4 * round(w), 2 * round(h)) for h, w in
                     [(height, width), (2 * height, 2 * width), (6 * height, 6 * width), (512, 512 * width / height)]]
    codes = model.trainer.ask("encode", {"images": model.batch["images"][:4]})
    small = to_uint8(model.trainer.ask("decode", {"encode": codes}), model.task.pixels)
    assert np.array_equal(np.array(Image.open(explore.resolutions(model)[0]))[:height], explore.mosaic(small, 4).squeeze())


def test_a_circle_closes_and_a_walk_arrives(tmp_path):
    model = model_of("gan", tmp_path, steps=40)
    a, b = model.draw(2)
    assert np.array_equal(model.draw(2), [a, b]) and not np.array_equal(a, b)
    assert (abs(model.draw(500)) <= 1).all()                # z is uniform in the question
    vae = model_of("vae", tmp_path / "vae")
    assert vae.draw(4000).std() == pytest.approx(1, abs=0.05)
    walk = Image.open(explore.walk(vae)[0])
    columns = explore.COLUMNS // 2
    first = explore.mosaic(vae.decode(vae.draw(16)[:8]), columns)
    shown = np.array(walk.convert("L"))[:: walk.height // first.shape[0], :: walk.width // first.shape[1]]
    assert abs(shown.astype(int) - first.squeeze()).max() <= 4      # of the palette


def test_a_grid_of_more_than_two_latents_leaves_the_others_at_zero(tmp_path, monkeypatch):
    """... and stays where training draws its codes: a square of the normal ones, all of the uniform ones."""
    for name, ends in (("vae", 2.5), ("gan", 1)):
        model, asked = model_of(name, tmp_path / name), []
        latents = model.task.hyperparameters["latent"]
        monkeypatch.setattr(model, "decode", lambda codes, model=model: asked.append(codes) or explore.Model.decode(model, codes))
        assert explore.grid(model)[0].is_file() and latents > 2
        assert asked[0].shape == (explore.GRID ** 2, latents) and not asked[0][:, 2:].any()
        assert np.array_equal(asked[0][[0, -1], :2], [[-ends, ends], [ends, -ends]])


def test_mosaic():
    images = np.arange(6, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 3, 1), np.uint8)
    picture = explore.mosaic(images, 3)
    assert picture.shape == (4, 9, 1) and picture[::2, ::3, 0].tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.rare
@pytest.mark.slow
def test_the_command(harness, inside, tmp_path):
    run = tmp_path / "run"
    assert harness("train", "vae", "-f", "chainer", "--size", "check", "--steps", 3, "--out", run).returncode == 0
    process = harness("explore", "vae", "--checkpoint", run, "-f", "pytorch", "--only", "grid", "--only", "latent")
    assert process.returncode == 0, process.stderr
    assert sorted(p.name for p in (run / "explore").iterdir()) == ["grid.png", "latent.png"]
    for arguments, message in ((["vae", "--checkpoint", tmp_path / "none"], "there is no checkpoint"),
                               (["ae", "--checkpoint", run], "of 'vae', not of 'ae'"),
                               (["vae", "--checkpoint", run, "--only", "gird"], "did you mean 'grid'?"),
                               (["vae", "--checkpoint", run, "-f", "torch"], "unknown framework")):
        process = inside("explore", *arguments)
        assert process.returncode == 2 and message in process.stderr and "Traceback" not in process.stderr


@pytest.mark.sampled(2)
@pytest.mark.parametrize("framework", frameworks.installed())
def test_losses_are_those_of_the_weights_as_they_are(framework, tmp_path):
    """The generator's too: the discriminator's step before it must change nothing, or Adam's first step would be seen."""
    model = model_of("gan", tmp_path, framework, steps=3)
    batch = {name: model.trainer.canonical(np.asarray(array)) for name, array in model.trainer.batches(0).items()}
    real = model.trainer.ask("discriminate", {"images": batch["images"]}).astype(np.float64)
    fake = model.trainer.ask("discriminate", {"images": model.trainer.ask("generate", {"z": batch["z"]})}).astype(np.float64)
    told = explore.test_losses(model, batches=1)
    assert told["discriminator"][0] == pytest.approx(np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean(), rel=1e-5)
    assert told["generator"][0] == pytest.approx(np.logaddexp(0, -fake).mean(), rel=1e-5)
