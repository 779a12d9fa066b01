"""Convolutional autoencoder in Chainer.

    images (N, 3, 64, 64) --encoder--> codes (N, 16, 16, 16) --decoder--> images (N, 3, 64, 64)

Masci et al. 2011, "Stacked Convolutional Auto-Encoders for Hierarchical Feature Extraction".
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L


def max_pool(x):
    """Chainer would also pool what is left over at an odd size's edge, which nobody else does."""
    return F.max_pooling_2d(x, ksize=2, stride=2, cover_all=False)


class ConvolutionalAutoencoder(chainer.Chain):
    def __init__(self, height=64, width=64, channels=3, filters=32, latent=16, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()          # height and width are not needed: a convolution fits any image
        ### BEGIN SOLUTION
        glorot = chainer.initializers.GlorotUniform()       # Chainer's own default is LeCun normal
        with self.init_scope():
            self.encoder = chainer.Sequential(
                L.Convolution2D(channels, filters, ksize=3, pad=1, initialW=glorot), F.relu, max_pool,
                L.Convolution2D(filters, latent, ksize=3, pad=1, initialW=glorot), F.relu, max_pool)
            self.decoder = chainer.Sequential(
                L.Deconvolution2D(latent, filters, ksize=2, stride=2, initialW=glorot), F.relu,
                L.Deconvolution2D(filters, channels, ksize=2, stride=2, initialW=glorot))
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
        """(N, C, H, W) -> (N, latent, H/4, W/4)"""
        return self.encoder(images)

    def decode(self, codes):
        """(N, latent, H/4, W/4) -> (N, C, H, W)"""
        return self.decoder(codes)

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))


if __name__ == "__main__":
    from harness.standalone import run
    run(ConvolutionalAutoencoder)
