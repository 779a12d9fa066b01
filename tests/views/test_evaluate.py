"""FID and KID against closed forms and another library; the rest of an evaluation against NumPy."""

import hashlib
import json

import numpy as np
import pytest
import scipy.linalg
from test_explore import model_of

from harness import data as datasets
from harness.pictures.arrays import to_uint8
from harness.training import checkpoint as checkpoints
from harness.views import evaluate, features

pytestmark = pytest.mark.timeout(600)


def with_moments(rng, number, mean, covariance):
    """Samples whose mean and covariance (with N - 1) are exactly these."""
    x = rng.standard_normal((number, len(mean)))
    x -= x.mean(0)
    x = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T))).T
    return x @ np.linalg.cholesky(covariance).T + mean


def test_frechet_of_equal_covariances(rng):
    """|mu - nu|^2"""
    root = rng.standard_normal((5, 5))
    covariance, mu, nu = root @ root.T + np.eye(5), rng.standard_normal(5), rng.standard_normal(5)
    a, b = with_moments(rng, 300, mu, covariance), with_moments(rng, 200, nu, covariance)
    assert evaluate.frechet(a, b) == pytest.approx(np.sum((mu - nu) ** 2), rel=1e-9)
    assert evaluate.frechet(a, a) == pytest.approx(0, abs=1e-9)


def test_frechet_of_diagonal_covariances(rng):
    """|mu - nu|^2 + |sigma - tau|^2, since diagonal matrices commute"""
    mu, nu, sigma, tau = rng.standard_normal(4), rng.standard_normal(4), rng.uniform(0.2, 2, 4), rng.uniform(0.2, 2, 4)
    a, b = with_moments(rng, 100, mu, np.diag(sigma ** 2)), with_moments(rng, 150, nu, np.diag(tau ** 2))
    assert evaluate.frechet(a, b) == pytest.approx(np.sum((mu - nu) ** 2) + np.sum((sigma - tau) ** 2), rel=1e-9)
    assert evaluate.frechet(a, b) == pytest.approx(evaluate.frechet(b, a), rel=1e-9)


def test_frechet_is_pytorch_fids():
    """The number is what pytorch-fid 0.3.0's calculate_frechet_distance gave; the function itself, where it is installed."""
    rng = np.random.default_rng(0)
    a = np.maximum(rng.standard_normal((400, 30)) @ rng.standard_normal((30, 30)), 0)      # as features are: not normal
    b = np.maximum(rng.standard_normal((300, 30)) @ rng.standard_normal((30, 30)) + 0.3, 0)
    assert evaluate.frechet(a, b) == pytest.approx(107.00430992901988, rel=1e-9)
    try:
        from pytorch_fid.fid_score import calculate_frechet_distance
    except (ImportError, RuntimeError):
        return
    assert calculate_frechet_distance(a.mean(0), np.cov(a.T), b.mean(0), np.cov(b.T)) == pytest.approx(107.00430992901988)


def test_frechet_is_the_formula_with_a_matrix_root(rng):
    """|mu - nu|^2 + tr(S + T - 2 (S T)^1/2), the root by scipy."""
    a, b = rng.standard_normal((80, 12)) @ rng.standard_normal((12, 12)), rng.standard_normal((90, 12)) + 1
    s, t = np.cov(a.T), np.cov(b.T)
    expected = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(s + t - 2 * scipy.linalg.sqrtm(s @ t).real)
    assert evaluate.frechet(a, b) == pytest.approx(expected, rel=1e-9)


def test_kid_is_the_formula(rng, monkeypatch):
    """The unbiased estimate with all there are: mean over pairs of different ones, minus twice the mean across."""
    monkeypatch.setattr(evaluate, "SUBSET", 10**9)
    a, b = rng.standard_normal((60, 7)), rng.standard_normal((60, 7)) + 0.2

    def k(x, y):
        return (x @ y.T / 7 + 1) ** 3

    within = sum((k(x, x).sum() - np.trace(k(x, x))) / (60 * 59) for x in (a, b))
    mean, spread = evaluate.kernel(a, b)
    assert mean == pytest.approx(within - 2 * k(a, b).mean(), rel=1e-6) and spread < 1e-6
    assert abs(evaluate.kernel(a, rng.standard_normal((60, 7)))[0]) < mean


def test_fid_is_biased_and_kid_is_not(rng):
    few, many = (rng.standard_normal((2, number, 20)) for number in (40, 4000))
    assert evaluate.frechet(*few) > 20 * evaluate.frechet(*many)
    assert abs(evaluate.kernel(*few)[0]) < 0.1


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits", height=16, width=16)


@pytest.fixture(scope="module")
def classifier(digits, tmp_path_factory):
    return features.Classifier(digits, tmp_path_factory.mktemp("features"))


def test_the_classifier_knows_digits(classifier):
    unseen = datasets.load("digits", "test", height=16, width=16)
    assert classifier.name == "LeNet on digits" and classifier.accuracy > 0.98
    assert (classifier._scores(unseen.images).argmax(1) == unseen.labels).mean() > 0.9
    assert classifier(unseen.images[:5]).shape == (5, 84)


def test_the_classifier_is_trained_once(digits, tmp_path, monkeypatch):
    few = digits
    monkeypatch.setattr(features, "EPOCHS", 1)
    first = features.Classifier(few, tmp_path)
    monkeypatch.setattr(features.Classifier, "_train", lambda *_: pytest.fail("trained again"))
    again = features.Classifier(few, tmp_path)
    assert np.array_equal(first(few.images[:9]), again(few.images[:9]))


@pytest.mark.parametrize("damage", [
    lambda data: data[:-7], lambda data: b"", lambda data: data[:-2000] + bytes([data[-2000] ^ 64]) + data[-1999:],
    lambda data: b"\xff" + data[1:], lambda data: hashlib.sha256(b"no weights").digest() + b"no weights",
], ids=["cut", "empty", "a weight", "the checksum", "no weights"])
def test_a_damaged_classifier_is_trained_anew(digits, tmp_path, monkeypatch, damage):
    monkeypatch.setattr(features, "EPOCHS", 1)
    first = features.Classifier(digits, tmp_path)
    path, = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    again, third = features.Classifier(digits, tmp_path), features.Classifier(digits, tmp_path)
    assert [len(c.notes) for c in (first, again, third)] == [0, 1, 0] and str(path) in again.notes[0]
    assert np.array_equal(first(digits.images[:9]), again(digits.images[:9]))
    assert np.array_equal(first(digits.images[:9]), third(digits.images[:9]))


def test_a_classifier_that_cannot_be_kept(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "EPOCHS", 1)
    (tmp_path / "file").write_text("in the way")
    found = features.Classifier(digits, tmp_path / "file")
    assert found.accuracy > 0.3 and len(found.notes) == 1 and "cannot be kept" in found.notes[0]


def test_features_tell_digits_from_noise(classifier, digits, rng):
    noise = rng.integers(0, 256, digits.images[:300].shape, dtype=np.uint8)
    real, others = classifier(digits.images[:300]), classifier(digits.images[300:600])
    assert evaluate.frechet(real, classifier(noise)) > 10 * evaluate.frechet(real, others)
    assert evaluate.kernel(real, classifier(noise))[0] > 10 * abs(evaluate.kernel(real, others)[0])


def test_inceptions_file_is_checked(tmp_path):
    with pytest.raises(features.FeatureError, match="there is no file"):
        features.Inception(tmp_path / "none.pth")
    (tmp_path / "other.pth").write_bytes(b"other weights")
    with pytest.raises(features.FeatureError, match="its SHA-256 starts with"):
        features.Inception(tmp_path / "other.pth")


def test_a_reconstruction_error_is_numpys(tmp_path, classifier):
    model = model_of("ae", tmp_path)
    found = evaluate.evaluate(model, classifier, model.data.images, 20, checkpoints.load(tmp_path / "run"))
    real = to_uint8(model.given(20)["images"], model.task.pixels)
    assert np.array_equal(real, model.data.images[:20])
    made = model.trainer.outputs(20)["reconstruct"]
    low, high = model.task.pixels
    expected = np.mean(((made - low) / (high - low) - real.transpose(0, 3, 1, 2) / 255) ** 2)
    assert found.reconstruction == pytest.approx(expected, rel=1e-5)
    assert found.fid is None and found.losses.keys() == {"mse"}


def test_the_elbo_is_that_of_the_formula(tmp_path, classifier):
    """log p(x | z) - KL, in NumPy, with what encoder and decoder give; over the same images and noise."""
    model = model_of("vae", tmp_path)
    trainer, bounds = model.trainer, []
    for step in range(16):
        batch = trainer.adapter.batch(trainer.batches(step))
        mu, log_var = (t.detach().numpy().astype(float) for t in trainer.answer.encoder(batch["images"].flatten(1)))
        z = mu + np.exp(log_var / 2) * batch["eps"].numpy()
        x = trainer.canonical(batch["images"].numpy()).reshape(len(z), -1)
        p = model.trainer.ask("generate", {"z": z}).reshape(x.shape).astype(float)
        likelihood = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(1)
        divergence = -0.5 * (1 + log_var - mu ** 2 - np.exp(log_var)).sum(1)
        bounds.append((likelihood - divergence).mean())
    found = evaluate.evaluate(model, classifier, model.data.images, 20, checkpoints.load(tmp_path / "run"))
    assert found.elbo == pytest.approx(np.mean(bounds), rel=1e-4)


def test_generated_images_are_of_the_noise_that_the_question_asks_for(tmp_path):
    model = model_of("gan", tmp_path)
    seen = {}
    ask = model.trainer.ask
    model.trainer.ask = lambda name, given: seen.update(given) or ask(name, given)
    images, _ = evaluate.generated(model, 500)
    assert images.shape == (500, 8, 12, 3) and images.dtype == np.uint8
    assert abs(seen["z"]).max() <= 1 and seen["z"].std() == pytest.approx(3 ** -0.5, rel=0.05)


@pytest.mark.rare
@pytest.mark.slow
def test_the_command(harness, inside, tmp_path):
    for framework in ("pytorch", "chainer"):
        assert harness("train", "cgan", "-f", framework, "--size", "check", "--steps", 3, "--out", tmp_path / framework).returncode == 0
    options = ["evaluate", "cgan", "--checkpoint", tmp_path / "pytorch", "--checkpoint", tmp_path / "chainer", "--n", 60,
               "--cache", tmp_path / "features"]
    shown = harness(*options)
    assert shown.returncode == 0, shown.stderr
    assert "PyTorch" in shown.stdout and "Chainer" in shown.stdout and "LeNet on digits" in shown.stdout
    assert "60 images for 84 features" in shown.stdout
    found = json.loads(inside(*options, "--json").stdout)
    assert [e["framework"] for e in found] == ["pytorch", "chainer"] and all(e["fid"] > e["bias"] > 0 for e in found)
    for arguments, message in (([], "--checkpoint"), (["--checkpoint", tmp_path / "none"], "there is no checkpoint"),
                               (["gan", "--checkpoint", tmp_path / "pytorch"], "of 'cgan', not of 'gan'"),
                               (["--checkpoint", tmp_path / "pytorch", "--inception", tmp_path / "none.pth"], "there is no file")):
        process = inside("evaluate", *arguments)
        assert process.returncode == 2 and message in process.stderr and "Traceback" not in process.stderr
