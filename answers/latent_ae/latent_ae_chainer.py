"""The latent space of an autoencoder, in Chainer.

    images (N, 1, 28, 28) --encoder--> codes (N, 2) --decoder--> logits (N, 1, 28, 28) --sigmoid--> images

Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks", with convolutions.
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L


class LatentAutoencoder(chainer.Chain):
    def __init__(self, height=28, width=28, channels=1, filters=32, latent=2, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        smallest = (2 * filters, height // 4, width // 4)
        units = 2 * filters * (height // 4) * (width // 4)
        glorot = chainer.initializers.GlorotUniform()       # Chainer's own default is LeCun normal
        with self.init_scope():
            self.encoder = chainer.Sequential(
                L.Convolution2D(channels, filters, ksize=3, stride=2, pad=1, initialW=glorot), F.relu,
                L.Convolution2D(filters, 2 * filters, ksize=3, stride=2, pad=1, initialW=glorot), F.relu,
                L.Linear(units, latent, initialW=glorot))   # Linear flattens all but the first axis
            # Chainer has no output padding; it takes the size that is to come out instead.
            self.decoder = chainer.Sequential(
                L.Linear(latent, units, initialW=glorot), F.relu, lambda x: F.reshape(x, (len(x), *smallest)),
                L.Deconvolution2D(2 * filters, 2 * filters, ksize=3, stride=2, pad=1,
                                  outsize=(height // 2, width // 2), initialW=glorot), F.relu,
                L.Deconvolution2D(2 * filters, filters, ksize=3, stride=2, pad=1,
                                  outsize=(height, width), initialW=glorot), F.relu,
                L.Deconvolution2D(filters, channels, ksize=3, stride=1, pad=1, initialW=glorot))
        self.optimizer = chainer.optimizers.Adam(alpha=learning_rate, eps=1e-8).setup(self)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [0, 1]."""
        ### BEGIN SOLUTION
        images = batch["images"]
        logits = self.decoder(self.encoder(images))
        # Cross entropy from logits. F.sigmoid_cross_entropy is of no use here: its targets are 0 or 1, nothing between.
        loss = F.sum(F.softplus(logits) - images * logits) / len(images)
        self.cleargrads()
        loss.backward()
        self.optimizer.update()
        return {"bce": loss}
        ### END SOLUTION

    def encode(self, images):
        """(N, C, H, W) -> (N, latent)"""
        return self.encoder(images)

    def decode(self, codes):
        """(N, latent) -> (N, C, H, W), probabilities"""
        return F.sigmoid(self.decoder(codes))

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))


if __name__ == "__main__":
    from harness.standalone import run
    run(LatentAutoencoder)
