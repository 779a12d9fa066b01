"""Variational autoencoder in Chainer.

    images (N, 1, 28, 28) --encoder--> mu, log var (N, 2) --eps--> z (N, 2) --decoder--> logits (N, 1, 28, 28)

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", arXiv 1312.6114, with a Bernoulli likelihood.
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L


def dense(inputs, units):
    """Glorot uniform weights; Chainer's own default is LeCun normal. Biases are zero by default."""
    return L.Linear(inputs, units, initialW=chainer.initializers.GlorotUniform())


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


class VariationalAutoencoder(chainer.Chain):
    def __init__(self, height=28, width=28, channels=1, hidden=256, latent=2, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        shape = (channels, height, width)
        pixels = channels * height * width
        with self.init_scope():
            self.encoder = Encoder(pixels, hidden, latent)
            self.decoder = chainer.Sequential(
                dense(latent, hidden), F.relu,
                dense(hidden, pixels), lambda x: F.reshape(x, (-1, *shape)))
        self.optimizer = chainer.optimizers.Adam(alpha=learning_rate, eps=1e-8).setup(self)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [0, 1]; eps (N, latent) from N(0, I)."""
        ### BEGIN SOLUTION
        images = batch["images"]
        mu, log_var = self.encoder(images)
        z = F.gaussian(mu, log_var, eps=batch["eps"])       # mu + exp(log_var / 2) * eps
        bce = F.bernoulli_nll(images, self.decoder(z)) / len(images)    # these two sum over everything,
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
        """(N, latent) -> (N, C, H, W): the probability of each pixel to be white"""
        return F.sigmoid(self.decoder(z))

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, C, H, W)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(VariationalAutoencoder)
