"""Variational autoencoder with a normal likelihood, in Chainer.

    images (N, 1, 64, 64) --encoder--> mu, log var (N, 64);  z = mu + exp(log var / 2) * eps
    z (N, 64) --decoder--> means (N, 1, 64, 64);  p(x|z) = N(means, variance)

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", arXiv 1312.6114, section 3 and appendix C.2.
"""

import math

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L

GLOROT = chainer.initializers.GlorotUniform()               # Chainer's own default is LeCun normal


def down(inputs, outputs):
    """Half the size."""
    ### BEGIN SOLUTION
    return L.Convolution2D(inputs, outputs, 4, stride=2, pad=1, initialW=GLOROT)
    ### END SOLUTION


def up(inputs, outputs):
    """Twice the size."""
    ### BEGIN SOLUTION
    return L.Deconvolution2D(inputs, outputs, 4, stride=2, pad=1, initialW=GLOROT)
    ### END SOLUTION


class Encoder(chainer.Chain):
    """(N, C, H, W) -> mu, log var of q(z|x), each (N, latent)"""

    def __init__(self, height, width, channels, latent, filters):
        super().__init__()
        ### BEGIN SOLUTION
        number = 8 * filters * (height // 16) * (width // 16)
        with self.init_scope():
            self.features = chainer.Sequential(
                down(channels, filters), F.relu, down(filters, 2 * filters), F.relu,
                down(2 * filters, 4 * filters), F.relu, down(4 * filters, 8 * filters), F.relu)
            self.mu = L.Linear(number, latent, initialW=GLOROT)
            self.log_var = L.Linear(number, latent, initialW=GLOROT)
        ### END SOLUTION

    def forward(self, images):
        ### BEGIN SOLUTION
        features = self.features(images)
        return self.mu(features), self.log_var(features)    # Linear flattens all but the first axis
        ### END SOLUTION


class Decoder(chainer.Sequential):
    """(N, latent) -> means of p(x|z), (N, C, H, W)"""

    def __init__(self, height, width, channels, latent, filters):
        ### BEGIN SOLUTION
        maps = (8 * filters, height // 16, width // 16)
        super().__init__(
            L.Linear(latent, math.prod(maps), initialW=GLOROT), F.relu, lambda x: F.reshape(x, (-1, *maps)),
            up(8 * filters, 4 * filters), F.relu, up(4 * filters, 2 * filters), F.relu,
            up(2 * filters, filters), F.relu, up(filters, channels))
        ### END SOLUTION


class GaussianVAE(chainer.Chain):
    def __init__(self, height=64, width=64, channels=1, latent=64, filters=32, variance=0.01, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.variance = variance
        with self.init_scope():
            self.encoder = Encoder(height, width, channels, latent, filters)
            self.decoder = Decoder(height, width, channels, latent, filters)
        self.optimizer = chainer.optimizers.Adam(learning_rate, 0.9, 0.999, eps=1e-8).setup(self)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [0, 1]; eps (N, latent) from N(0, I)."""
        ### BEGIN SOLUTION
        images = batch["images"]
        mu, log_var = self.encoder(images)
        z = F.gaussian(mu, log_var, eps=batch["eps"])       # mu + exp(log_var / 2) * eps
        reconstruction = F.mean(self.negative_log_likelihood(images, self.decoder(z)))
        kl = F.gaussian_kl_divergence(mu, log_var) / len(images)        # it sums over the batch, too
        loss = reconstruction + kl                          # the negative ELBO
        self.cleargrads()
        loss.backward()
        self.optimizer.update()
        return {"loss": loss, "reconstruction": reconstruction, "kl": kl}
        ### END SOLUTION

    def negative_log_likelihood(self, images, means):
        """-log N(images; means, variance), a density, summed over the pixels: (N,)"""
        ### BEGIN SOLUTION
        per_pixel = F.squared_difference(images, means) / (2 * self.variance)
        return F.sum(per_pixel + math.log(2 * math.pi * self.variance) / 2, axis=(1, 2, 3))
        ### END SOLUTION

    def encode(self, images):
        """(N, C, H, W) -> (N, latent): mu, without noise"""
        ### BEGIN SOLUTION
        mu, _ = self.encoder(images)
        return mu
        ### END SOLUTION

    def decode(self, z):
        """(N, latent) -> (N, C, H, W): the mean of each pixel, not a sample"""
        return self.decoder(z)

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, C, H, W)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(GaussianVAE)
