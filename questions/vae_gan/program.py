"""The training step of the question in NumPy, and what the model can do; see harness/exact.

images (N, C, H, W) in [-1, 1] -> mu, log_var (N, latent) -> z -> images (N, C, H, W) -> logits (N, 1)
"""

from harness.exact.mathematics import KL, Z, errors, gaussian, judgements, sample


def train_step(q, batch):
    images = batch["images"]
    fakes = q.decoder(batch["z"]).out
    real, fake = q.discriminator(images).out, q.discriminator(q.constant(fakes)).out
    q.terms({**judgements("real", real), **judgements("fake", fake)})
    q.loss("discriminator", {"-log D(real)": 1, "-log(1 - D(fake))": 1})
    q.update("discriminator_optimizer", "discriminator")

    code = q.encoder(images)
    mu, log_var = code["mu"], code["log_var"]
    z = q.value("z", Z, sample(mu, log_var, batch["eps"]))
    q.terms({**errors(q.decoder(z).out, images), **gaussian(mu, log_var), **judgements("G(z)", q.discriminator(fakes).out)})
    q.loss("squared_error", {"squared error": 1})
    q.loss("kl", KL)
    q.loss("generator", {"-log D(G(z))": 1})
    q.loss("vae", {"squared_error": q.h["lambda_vae"], "kl": q.h["lambda_vae"], "generator": q.h["lambda_gan"]})
    q.update("vae_optimizer", "vae")


def encode(q, images):
    return q.encoder(images)["mu"]


def decode(q, codes):
    return q.decoder(codes).out


def reconstruct(q, images):
    return decode(q, encode(q, images))


def generate(q, z):
    return decode(q, z)
