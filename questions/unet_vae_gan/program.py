"""The training step of the question in NumPy, and what the model can do; see harness/exact.

images (N, C, H, W) in [-1, 1] -> mu, log_var (N, latent), four skips; z, skips -> images (N, C, H, W) -> logits (N, 1)
"""

from harness.exact.mathematics import KL, Z, errors, gaussian, judgements, sample

SKIPS = ("skip1", "skip2", "skip3", "skip4")


def train_step(q, batch):
    images = batch["images"]
    code = q.encoder(images)
    mu, log_var, skips = code["mu"], code["log_var"], [code[skip] for skip in SKIPS]
    fakes = q.decoder(*disturbed(q, skips, [batch[skip] for skip in SKIPS]), batch["z"]).out
    real, fake = q.discriminator(images).out, q.discriminator(q.constant(fakes)).out
    q.terms({**judgements("real", real), **judgements("fake", fake)})
    q.loss("discriminator", {"-log D(real)": 1, "-log(1 - D(fake))": 1})
    q.update("discriminator_optimizer", "discriminator")

    z = q.value("z", Z, sample(mu, log_var, batch["eps"]))
    made = q.decoder(*skips, z).out
    q.terms({**errors(made, images), **gaussian(mu, log_var), **judgements("G(z)", q.discriminator(fakes).out)})
    q.loss("squared_error", {"squared error": 1})
    q.loss("kl", KL)
    q.loss("generator", {"-log D(G(z))": 1})
    q.loss("vae", {"squared_error": q.h["lambda_vae"], "kl": q.h["lambda_vae"], "generator": q.h["lambda_gan"]})
    q.update("vae_optimizer", "vae")


def disturbed(q, skips, noises):
    """skip (1 + alpha noise), for each."""
    return [q.value(name, {"skip": 1, "skip noise": q.h["alpha"]}, {"skip": skip, "skip noise": skip * noise, "noise": noise})
            for name, skip, noise in zip(SKIPS, skips, noises)]


def encode(q, images):
    return q.encoder(images)["mu"]


def decode(q, codes, images):
    code = q.encoder(images)
    return q.decoder(*(code[skip] for skip in SKIPS), codes).out


def reconstruct(q, images):
    return decode(q, encode(q, images), images)


def generate(q, z, images, *noises):
    code = q.encoder(images)
    return q.decoder(*disturbed(q, [code[skip] for skip in SKIPS], noises), z).out
