"""Sampling decoder in Chainer: a variational autoencoder whose decoder is a function of one point of the image.

    images (N, 1, 28, 28) --encoder--> mu, log var (N, 8) --eps--> z (N, 8)
    u, v, z (N * points, 2 + 8) --decoder--> logits (N * points, 1)

Kingma & Welling 2013, arXiv 1312.6114; the decoder is the network of Stanley 2007, "Compositional Pattern Producing
Networks", given z and trained.
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np


def dense(inputs, units):
    """He normal weights, N(0, 2 / fan in); Chainer's own default is LeCun normal. Biases are zero by default."""
    return L.Linear(inputs, units, initialW=chainer.initializers.HeNormal())


def grid(height, width):
    """(height * width, 2): u, v of each pixel, row by row; u is -1 in the first row and 1 in the last, v by columns."""
    ### BEGIN SOLUTION
    u, v = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return np.stack([u.ravel(), v.ravel()], axis=1).astype(chainer.get_dtype())
    ### END SOLUTION


class Encoder(chainer.Chain):
    """(N, C, H, W) -> mu, log var of q(z|x), each (N, latent)"""

    def __init__(self, pixels, hidden, latent):
        super().__init__()
        ### BEGIN SOLUTION
        with self.init_scope():
            self.hidden = dense(pixels, hidden)
            self.mu = dense(hidden, latent)
            self.log_var = dense(hidden, latent)
        ### END SOLUTION

    def forward(self, images):
        ### BEGIN SOLUTION
        h = F.relu(self.hidden(images))                     # Linear flattens all but the first axis
        return self.mu(h), self.log_var(h)
        ### END SOLUTION


class SamplingDecoder(chainer.Chain):
    def __init__(self, height=28, width=28, channels=1, hidden=256, latent=8, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.height, self.width = height, width
        self.add_persistent("points", grid(height, width))
        with self.init_scope():
            self.encoder = Encoder(channels * height * width, hidden, latent)
            self.decoder = chainer.Sequential(
                dense(2 + latent, hidden), F.relu,
                dense(hidden, hidden), F.relu,
                dense(hidden, hidden), F.relu,
                dense(hidden, channels))
        self.optimizer = chainer.optimizers.Adam(alpha=learning_rate, eps=1e-8).setup(self)
        ### END SOLUTION

    def logits(self, z, points):
        """(N, latent), (P, 2) -> (N, P, C): every image at every point"""
        ### BEGIN SOLUTION
        n, p = len(z), len(points)
        pairs = F.concat([F.broadcast_to(points, (n, *points.shape)),
                          F.broadcast_to(F.expand_dims(z, 1), (n, p, z.shape[1]))], axis=2)
        return F.reshape(self.decoder(F.reshape(pairs, (n * p, -1))), (n, p, -1))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [0, 1]; eps (N, latent) from N(0, I)."""
        ### BEGIN SOLUTION
        images = batch["images"]
        mu, log_var = self.encoder(images)
        z = F.gaussian(mu, log_var, eps=batch["eps"])       # mu + exp(log_var / 2) * eps
        logits = as_images(self.logits(z, self.points), self.height, self.width)
        bce = F.bernoulli_nll(images, logits) / len(images)             # these two sum over everything,
        kl = F.gaussian_kl_divergence(mu, log_var) / len(images)        # the batch, too
        loss = bce + kl
        self.cleargrads()
        loss.backward()
        self.optimizer.update()
        return {"loss": loss, "bce": bce, "kl": kl}
        ### END SOLUTION

    def encode(self, images):
        """(N, C, H, W) -> (N, latent): mu, without noise"""
        ### BEGIN SOLUTION
        mu, _ = self.encoder(images)
        return mu
        ### END SOLUTION

    def decode(self, z):
        """(N, latent) -> (N, C, H, W) at the size of training: the probability of each pixel to be white"""
        return as_images(F.sigmoid(self.logits(z, self.points)), self.height, self.width)

    def render(self, z, height, width, chunk=2 ** 13):
        """(N, latent) -> (N, C, height, width) at any size. The decoder sees at most ``chunk`` points at one time."""
        ### BEGIN SOLUTION
        points = self.xp.asarray(grid(height, width))
        size = max(1, chunk // len(z))
        with chainer.no_backprop_mode():
            parts = [F.sigmoid(self.logits(z, points[i:i + size])) for i in range(0, len(points), size)]
            return as_images(F.concat(parts, axis=1), height, width)
        ### END SOLUTION

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, C, H, W)"""
        return self.decode(z)


def as_images(values, height, width):
    """(N, height * width, C) -> (N, C, height, width)"""
    return F.reshape(F.transpose(values, (0, 2, 1)), (len(values), -1, height, width))


if __name__ == "__main__":
    from harness.standalone import run
    run(SamplingDecoder)
