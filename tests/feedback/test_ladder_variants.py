"""A right answer that is written differently passes: names, forms, the order of statements are the learner's own."""

import pytest
from test_ladder import climb, reference

from harness import tasks
from harness.feedback.ladder import RUNGS
from harness.runner.bench import PASSED, WRONG
from harness.tasks import mistakes
from harness.work import stub

pytestmark = pytest.mark.timeout(300)

AE = {
    "pytorch: loss by hand": [["F.mse_loss(self.reconstruct(images), images)",
                               "((self.decode(self.encode(images)) - images) ** 2).mean()"]],
    "pytorch: gradients cleared at the end": [
        ["        self.optimizer.zero_grad()\n", ""],
        ["        self.optimizer.step()\n", "        self.optimizer.step()\n        self.optimizer.zero_grad()\n"]],
    "pytorch: a module of one's own": [
        ["class Autoencoder", """class Compress(nn.Module):
    def __init__(self, pixels, latent):
        super().__init__()
        self.fc_with_another_name = nn.Linear(pixels, latent)

    def forward(self, x):
        return self.fc_with_another_name(torch.flatten(x, 1))


class Autoencoder"""],
        ["nn.Sequential(nn.Flatten(), nn.Linear(pixels, latent))", "Compress(pixels, latent)"]],
    "pytorch: the optimizer without fused": [[", fused=True", ""]],
    "pytorch: helpers and attributes beside": [
        ["        self.apply(initialize)", "        self.note = 'mine'\n        self.apply(initialize)"]],
    "keras: a functional model": [
        ["keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(latent)])",
         "keras.Model(x := keras.Input(shape), layers.Dense(latent)(layers.Flatten()(x)))"]],
    "keras: a ready-made loss": [["ops.mean(ops.square(self.reconstruct(images, training=True) - images))",
                                  "keras.losses.MeanSquaredError()(images, self.reconstruct(images, training=True))"]],
    "tensorflow: apply() for apply_gradients()": [
        ["self.optimizer.apply_gradients(zip(gradients, variables))", "self.optimizer.apply(gradients, variables)"]],
    "chainer: loss by hand": [["F.mean_squared_error(self.reconstruct(images), images)",
                               "F.mean((self.reconstruct(images) - images) ** 2)"]],
}
VAE = {
    "pytorch: cross-entropy of probabilities": [
        ["F.binary_cross_entropy_with_logits(self.decoder(z), images, reduction=\"none\").sum((1, 2, 3)).mean()",
         "F.binary_cross_entropy(torch.sigmoid(self.decoder(z)), images, reduction='sum') / len(images)"]],
    "pytorch: torch.distributions": [
        ["-0.5 * (1 + log_var - mu ** 2 - log_var.exp()).sum(1).mean()", """torch.distributions.kl_divergence(
            torch.distributions.Normal(mu, (log_var / 2).exp()), torch.distributions.Normal(0.0, 1.0)).sum(1).mean()"""]],
    "pytorch: the ELBO with its sign": [["loss = bce + kl", "elbo = -bce - kl\n        loss = -elbo"]],
    "pytorch: sigma as a square root": [["torch.exp(log_var / 2)", "log_var.exp().sqrt()"]],
    "pytorch: KL before the cross-entropy": [
        ["        kl = -0.5 * (1 + log_var - mu ** 2 - log_var.exp()).sum(1).mean()\n", ""],
        ["        z = mu +", "        kl = 0.5 * (mu ** 2 + log_var.exp() - log_var - 1).sum(1).mean()\n        z = mu +"]],
    "chainer: formulas by hand": [
        ["F.gaussian_kl_divergence(mu, log_var) / len(images)",
         "F.sum(mu ** 2 + F.exp(log_var) - log_var - 1) / 2 / len(images)"]],
    "chainer: zerograds in place of cleargrads": [["self.cleargrads()", "self.zerograds()"]],
}
GAN = {
    "pytorch: softplus": [["F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))",
                           "(F.softplus(-logits) if target == 1 else F.softplus(logits)).mean()"]],
    "pytorch: two backward passes": [
        ["discriminator_loss.backward()", """
        real = bce(self.discriminator(images), 1)
        real.backward()
        bce(self.discriminator(fake.detach()), 0).backward()"""]],
    "pytorch: real and fake in one batch": [
        ["bce(self.discriminator(images), 1) + bce(self.discriminator(fake.detach()), 0)",
         "sum(bce(part, label) for part, label in zip("
         "self.discriminator(torch.cat([images, fake.detach()])).chunk(2), (1, 0)))"]],
    "pytorch: nothing frozen": [["        self.discriminator.requires_grad_(False)\n", ""]],
    "pytorch: the generator run again": [["generator_loss = bce(self.discriminator(fake), 1)",
                                          "generator_loss = bce(self.discriminator(self.generator(z)), 1)"]],
    "pytorch: a ready-made loss": [["F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))",
                                    "nn.BCEWithLogitsLoss()(logits, target * torch.ones_like(logits))"]],
    "keras: a ready-made loss": [
        ["ops.mean(ops.binary_crossentropy(ops.full_like(logits, target), logits, from_logits=True))",
         "keras.losses.BinaryCrossentropy(from_logits=True)(ops.full_like(logits, target), logits)"]],
}
FAMILIES = {"ae": AE, "vae": VAE, "gan": GAN}


@pytest.mark.parametrize("name, variant", [(name, v) for name, family in FAMILIES.items() for v in family])
def test_written_differently(name, variant, tmp_path):

    framework, task = variant.partition(":")[0], tasks.load(name)
    source = mistakes.edited(stub.solution(reference(task, framework)), FAMILIES[name][variant])
    _, rungs = climb(task, framework, source, tmp_path)
    assert [(r.name, r.message, r.facts) for r in rungs if r.status != PASSED] == [] and [r.name for r in rungs] == list(RUNGS)


def test_initial_weights_are_looked_at(tmp_path):
    """Lockstep overwrites them, so only a look at them as they were drawn can tell."""

    task = tasks.load("ae")
    for edit, fact in ((["nn.init.xavier_uniform_(module.weight)", "nn.init.xavier_normal_(module.weight)"], "the question asks for uniform"),
                       (["nn.init.xavier_uniform_(module.weight)", "pass"], "encoder.dense1.weight is"),
                       (["nn.init.zeros_(module.bias)", "pass"], "it should start at 0")):
        source = mistakes.edited(stub.solution(reference(task, "pytorch")), [edit])
        _, rungs = climb(task, "pytorch", source, tmp_path)
        (wrong,) = [r for r in rungs if r.status != PASSED]
        assert (wrong.name, wrong.status) == ("initial", WRONG) and fact in wrong.facts[0]


@pytest.mark.parametrize("name, edits, said", [
    ("sampling_decoder", [['keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")', "keras.initializers.HeNormal()"]],
     "truncated at two deviations; the question asks for normal with deviation"),
    ("gan", [["RandomNormal(stddev=0.02)", "TruncatedNormal(stddev=0.02)"]], "truncated at two deviations"),
    ("gan", [["RandomNormal(stddev=0.02)", "RandomUniform(-0.0346, 0.0346)"]], "is uniform between -0.034"),
    ("gan", [["def dense(", "NORMAL = keras.initializers.RandomNormal(stddev=0.02)\n\n\ndef dense("],
             ["kernel_initializer=keras.initializers.RandomNormal(stddev=0.02)", "kernel_initializer=NORMAL"]],
     "generator.dense1.weight, generator.dense2.weight, generator.dense3.weight, generator.dense4.weight, discriminator.dense1.weight, "
     "discriminator.dense2.weight, discriminator.dense3.weight begin with the same numbers"),
], ids=["He normal", "truncated", "uniform", "one for all"])
def test_initializers_of_keras(name, edits, said, tmp_path):
    _, rungs = climb(tasks.load(name), "keras", mistakes.edited(stub.solution(reference(tasks.load(name), "keras")), edits), tmp_path)
    (wrong,) = [r for r in rungs if r.status != PASSED]
    assert wrong.name == "initial" and any(said in fact for fact in wrong.facts), wrong.facts


def test_a_critic_whose_biases_are_not_clipped(tmp_path):
    """They begin at zero and move by little: only at weights where no bias is small does it show."""
    edit = ["                parameter.clamp_(", "                parameter.ndim == 1 or parameter.clamp_("]
    source = mistakes.edited(stub.solution(reference(tasks.load("wgan"), "pytorch")), [edit])
    _, rungs = climb(tasks.load("wgan"), "pytorch", source, tmp_path)
    assert next((r.name, r.status) for r in rungs if r.status != PASSED) == ("first losses", WRONG)
