"""Autoencoder in Chainer.

    images (N, 3, 64, 64) --encoder--> codes (N, 64) --decoder--> images (N, 3, 64, 64)

Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks", with one layer a side.
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L


class Autoencoder(chainer.Chain):
    def __init__(self, height=64, width=64, channels=3, latent=64, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.shape = (channels, height, width)
        pixels = channels * height * width
        glorot = chainer.initializers.GlorotUniform()       # Chainer's own default is LeCun normal
        with self.init_scope():
            self.encoder = L.Linear(pixels, latent, initialW=glorot)
            self.decoder = L.Linear(latent, pixels, initialW=glorot)
        self.optimizer = chainer.optimizers.Adam(alpha=learning_rate, eps=1e-8).setup(self)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [-1, 1]."""
        ### BEGIN SOLUTION
        images = batch["images"]
        loss = F.mean_squared_error(self.reconstruct(images), images)
        self.cleargrads()
        loss.backward()
        self.optimizer.update()
        return {"mse": loss}
        ### END SOLUTION

    def encode(self, images):
        """(N, C, H, W) -> (N, latent)"""
        return self.encoder(images)                         # Linear flattens all but the first axis

    def decode(self, codes):
        """(N, latent) -> (N, C, H, W)"""
        return F.reshape(self.decoder(codes), (-1, *self.shape))

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))


if __name__ == "__main__":
    from harness.standalone import run
    run(Autoencoder)
