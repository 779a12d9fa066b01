"""Layers may be declared in any order: what they compute says which is which."""

import numpy as np
import pytest
from test_ladder import climb, reference

from harness import frameworks, tasks
from harness.feedback import check, diagnosis
from harness.runner.bench import PASSED, WRONG
from harness.runner.client import Here
from harness.tasks import mistakes, parameters
from harness.training.trainer import Trainer
from harness.work import stub

pytestmark = pytest.mark.timeout(300)


def solved(name, framework, edits):
    return mistakes.edited(stub.solution(reference(tasks.load(name), framework)), edits)


CONVAE = {
    "pytorch": [["class ConvolutionalAutoencoder", """class Decoder(nn.Module):
    def __init__(self, latent, filters, channels):
        super().__init__()
        self.last = nn.ConvTranspose2d(filters, channels, kernel_size=2, stride=2)
        self.first = nn.ConvTranspose2d(latent, filters, kernel_size=2, stride=2)

    def forward(self, x):
        return self.last(F.relu(self.first(x)))


class ConvolutionalAutoencoder"""], ["""nn.Sequential(
            nn.ConvTranspose2d(latent, filters, kernel_size=2, stride=2), nn.ReLU(),
            nn.ConvTranspose2d(filters, channels, kernel_size=2, stride=2))""", "Decoder(latent, filters, channels)"]],
    "tensorflow": [["""        self.conv_transpose1 = ConvTranspose(latent, filters)
        self.conv_transpose2 = ConvTranspose(filters, channels)
""", """        self.conv_transpose2 = ConvTranspose(filters, channels)
        self.conv_transpose1 = ConvTranspose(latent, filters)
"""]],
    "keras": [["class ConvolutionalAutoencoder", """class Decoder(keras.Model):
    def __init__(self, filters, channels):
        super().__init__()
        self.last = layers.Conv2DTranspose(channels, 2, strides=2)
        self.first = layers.Conv2DTranspose(filters, 2, strides=2, activation="relu")

    def call(self, x):
        return self.last(self.first(x))


class ConvolutionalAutoencoder"""], ["""keras.Sequential([
            keras.Input((None, None, latent)),
            layers.Conv2DTranspose(filters, 2, strides=2, activation="relu"),
            layers.Conv2DTranspose(channels, 2, strides=2)])""", """Decoder(filters, channels)
        self.decoder(keras.Input((None, None, latent)))"""]],
    "chainer": [["class ConvolutionalAutoencoder", """class Decoder(chainer.Chain):
    def __init__(self, latent, filters, channels, glorot):
        super().__init__()
        with self.init_scope():
            self.last = L.Deconvolution2D(filters, channels, ksize=2, stride=2, initialW=glorot)
            self.first = L.Deconvolution2D(latent, filters, ksize=2, stride=2, initialW=glorot)

    def forward(self, x):
        return self.last(F.relu(self.first(x)))


class ConvolutionalAutoencoder"""], ["""chainer.Sequential(
                L.Deconvolution2D(latent, filters, ksize=2, stride=2, initialW=glorot), F.relu,
                L.Deconvolution2D(filters, channels, ksize=2, stride=2, initialW=glorot))""", "Decoder(latent, filters, channels, glorot)"]],
}
HEADS = {
    "pytorch": [["        self.mu = nn.Linear(hidden, latent)\n        self.log_var = nn.Linear(hidden, latent)\n",
                 "        self.log_var = nn.Linear(hidden, latent)\n        self.mu = nn.Linear(hidden, latent)\n"]],
    "tensorflow": [["        self.mu = Dense(hidden, latent)\n        self.log_var = Dense(hidden, latent)\n",
                    "        self.log_var = Dense(hidden, latent)\n        self.mu = Dense(hidden, latent)\n"]],
    "keras": [["class VariationalAutoencoder", """class Encoder(keras.Model):
    def __init__(self, hidden, latent):
        super().__init__()
        self.log_var, self.mu = layers.Dense(latent), layers.Dense(latent)
        self.flatten, self.hidden = layers.Flatten(), layers.Dense(hidden, activation="relu")

    def call(self, images):
        h = self.hidden(self.flatten(images))
        return self.mu(h), self.log_var(h)


class VariationalAutoencoder"""], ["""        h = layers.Dense(hidden, activation="relu")(layers.Flatten()(images))
        mu, log_var = layers.Dense(latent, name="mu")(h), layers.Dense(latent, name="log_var")(h)
        self.encoder = keras.Model(images, [mu, log_var])
""", "        self.encoder = Encoder(hidden, latent)\n        self.encoder(images)\n"]],
    "chainer": [["            self.mu = dense(hidden, latent)\n            self.log_var = dense(hidden, latent)\n",
                 "            self.log_var = dense(hidden, latent)\n            self.mu = dense(hidden, latent)\n"]],
}
# Six convolutions of equal shapes in one network, and seven in the other.
BLOCKS = {
    "pytorch": [["""        self.conv1, self.norm1 = conv(features, features, bias=False), norm(features, epsilon)
        self.conv2, self.norm2 = conv(features, features, bias=False), norm(features, epsilon)
""", """        self.norm2, self.norm1 = norm(features, epsilon), norm(features, epsilon)
        self.conv2, self.conv1 = conv(features, features, bias=False), conv(features, features, bias=False)
"""], ["self.conv1, self.conv2 = conv(inputs, features), conv(features, features)",
       "self.conv2, self.conv1 = conv(features, features), conv(inputs, features)"]],
    "tensorflow": [["""        self.conv1, self.norm1 = Conv(features, features, bias=False), BatchNorm(features, epsilon)
        self.conv2, self.norm2 = Conv(features, features, bias=False), BatchNorm(features, epsilon)
""", """        self.norm2, self.norm1 = BatchNorm(features, epsilon), BatchNorm(features, epsilon)
        self.conv2, self.conv1 = Conv(features, features, bias=False), Conv(features, features, bias=False)
"""], ["self.conv1, self.conv2 = Conv(inputs, features), Conv(features, features)",
       "self.conv2, self.conv1 = Conv(features, features), Conv(inputs, features)"],
        ["""        self.gamma, self.beta = tf.Variable(tf.ones_like(zeros(channels))), zeros(channels)
        self.mean, self.variance = (tf.Variable(v, trainable=False) for v in (self.beta, self.gamma))
""", """        self.beta, self.gamma = zeros(channels), tf.Variable(tf.ones_like(zeros(channels)))
        self.variance, self.mean = (tf.Variable(v, trainable=False) for v in (self.gamma, self.beta))
"""]],
    "keras": [["return layers.ReLU()(layers.Add()([f, x]))", "return layers.ReLU()(x + f)"],
              ["return layers.LeakyReLU(slope)(layers.Add()([f, x]))", "return layers.LeakyReLU(slope)(x + f)"]],
    "chainer": [["""            self.conv1, self.norm1 = conv(features, features, nobias=True), norm(features, epsilon)
            self.conv2, self.norm2 = conv(features, features, nobias=True), norm(features, epsilon)
""", """            self.norm2, self.norm1 = norm(features, epsilon), norm(features, epsilon)
            self.conv2, self.conv1 = conv(features, features, nobias=True), conv(features, features, nobias=True)
"""], ["self.conv1, self.conv2 = conv(inputs, features), conv(features, features)",
       "self.conv2, self.conv1 = conv(features, features), conv(inputs, features)"]],
}


@pytest.mark.parametrize("name, edits", [("convae", CONVAE), ("vae", HEADS), ("wgan_gp", BLOCKS)])
@pytest.mark.sampled
def test_declared_in_another_order(name, edits, framework, adapter, tmp_path):
    ladder, rungs = climb(tasks.load(name), framework, solved(name, framework, edits[framework]), tmp_path)
    assert [(r.name, r.message, r.facts) for r in rungs if r.status != PASSED] == []
    assert any(of != sorted(of) for of in ladder.runner.order.values()) and ladder.ordered


def test_exchanged_in_name_is_the_same_function(tmp_path):
    source = solved("vae", "pytorch", [["return self.mu(h), self.log_var(h)", "return self.log_var(h), self.mu(h)"]])
    _, rungs = climb(tasks.load("vae"), "pytorch", source, tmp_path)
    assert {r.status for r in rungs} == {PASSED}


EXCHANGED = ["        mu, log_var = self.encoder(images)\n", "        log_var, mu = self.encoder(images)\n"]


@pytest.mark.parametrize("edits, rung", [
    ([EXCHANGED], "first losses"), ([*HEADS["pytorch"], EXCHANGED], "forward"),
    ([["        mu, _ = self.encoder(images)\n", "        _, mu = self.encoder(images)\n"]], "forward"),
], ids=["in training", "and declared so: in an ability", "in an ability"])
def test_exchanged_in_the_computation_is_wrong(edits, rung, tmp_path):
    """No order makes all of it right."""
    _, rungs = climb(tasks.load("vae"), "pytorch", solved("vae", "pytorch", edits), tmp_path)
    assert next((r.name, r.status) for r in rungs if r.status != PASSED) == (rung, WRONG)


def test_the_mistake_of_an_answer_in_another_order_is_named(tmp_path):
    task = tasks.load("vae")
    edits = [*HEADS["pytorch"], *mistakes.edits(task, "pytorch")["kl-sign"]]
    ladder, rungs = climb(task, "pytorch", solved("vae", "pytorch", edits), tmp_path)
    assert next(r.name for r in rungs if r.status != PASSED) == "first losses" and ladder.ordered
    assert "kl-sign" in diagnosis.diagnose(ladder.found, diagnosis.Reference.stored(task)).names


def test_what_cannot_be_told_apart_is_said(tmp_path):
    """Where no ability is right, nothing tells equal layers in another order from one another."""
    edits = [*BLOCKS["pytorch"], ["return F.relu(x + self.norm2(self.conv2(f)))", "return F.elu(x + self.norm2(self.conv2(f)))"],
             ["return F.leaky_relu(self.shortcut(x) + self.conv2(f), self.slope)", "return self.shortcut(x) + self.conv2(f)"]]
    path = tmp_path / "wgan_gp_pytorch.py"
    path.write_text(solved("wgan_gp", "pytorch", edits), encoding="utf-8")
    verdict = check.check(Here("pytorch"), tasks.load("wgan_gp"), path)
    assert verdict.failed.name == "forward" and not verdict.diagnosis.findings
    assert verdict.diagnosis.facts[0].startswith("some layers have equal shapes and are declared in another order")


def test_a_right_answer_pays_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("harness.feedback.order.settled", lambda *_: pytest.fail("the order is looked for"))
    for edits in ([], mistakes.edits(tasks.load("vae"), "pytorch")["kl-sign"]):     # nor one that is wrong only in training
        climb(tasks.load("vae"), "pytorch", solved("vae", "pytorch", edits), tmp_path)


def test_training_takes_them_in_any_order(framework, adapter, tmp_path):
    task, path = tasks.load("convae"), tmp_path / f"convae_{framework}.py"
    path.write_text(solved("convae", framework, CONVAE[framework]), encoding="utf-8")
    with np.load(diagnosis.data_path(task)) as data:
        ours, theirs = (Trainer(task, framework, adapter, dict(data), path=of) for of in (None, path))
    assert {name: array.shape for name, array in theirs.parameters().items()} == {
        name: array.shape for name, array in ours.parameters().items()}
    for step in range(2):
        np.testing.assert_allclose(theirs.step(step)["mse"], ours.step(step)["mse"], rtol=1e-12)


def shuffled(task, adapter, monkeypatch, rng):
    """Let the adapter find layers in another order."""
    variables = adapter.variables

    def other(network):
        found = variables(network)
        shapes = [tuple(v.shape) for v in found]
        spec = next(s for s in task.networks.values() if [parameters.native_shape(p, adapter.layout) for p in s.parameters()] == shapes)
        begins = np.cumsum([0] + [len(of) for of in parameters.layers_of(spec, adapter.layout)])
        layers = [found[a:b] for a, b in zip(begins, begins[1:])]
        return [v for i in orders.setdefault(spec.name, rng.permutation(len(layers))) for v in layers[i]]

    orders = {}
    monkeypatch.setattr(adapter, "variables", other)


@pytest.mark.parametrize("name", tasks.names())
def test_every_question_in_any_order(name, tmp_path, monkeypatch, rng):
    task = tasks.load(name)
    shuffled(task, frameworks.load("pytorch"), monkeypatch, rng)
    ladder, rungs = climb(task, "pytorch", solved(name, "pytorch", []), tmp_path)
    assert [(r.name, r.message, r.facts) for r in rungs if r.status != PASSED] == []


def test_what_is_recorded_is_in_the_questions_order(tmp_path, monkeypatch, rng):
    task, source, tapes = tasks.load("vae"), solved("vae", "pytorch", []), []
    for other in (False, True):
        if other:
            shuffled(task, frameworks.load("pytorch"), monkeypatch, rng)
        ladder, _ = climb(task, "pytorch", source, tmp_path)
        assert any(of != sorted(of) for of in ladder.runner.order.values()) == other
        subject = ladder.subject()
        subject.put(parameters.probing(task.networks, 0))
        tapes.append(subject.record(0))
    (one,), (two,) = (tape.steps for tape in tapes)
    for mine, yours in ((one.gradients, two.gradients), (one.before, two.before), (one.after, two.after), (tapes[0].after, tapes[1].after)):
        assert mine.keys() == yours.keys()
        for name, array in mine.items():
            np.testing.assert_array_equal(yours[name], array, err_msg=name)
