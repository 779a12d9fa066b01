"""VAE-GAN in Chainer: a convolutional VAE whose decoder is also the generator of a GAN.

    images (N, 3, 32, 32) --encoder--> mu, log var (N, 128);  z = mu + exp(log var / 2) * eps
    z (N, 128) --decoder--> images (N, 3, 32, 32) --discriminator--> logits (N, 1)

Larsen et al. 2015, "Autoencoding beyond pixels using a learned similarity metric", in a simpler form.
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L

GLOROT = chainer.initializers.GlorotUniform()           # Chainer's own default is LeCun normal


def down(inputs, outputs, nobias=True):
    """k4 s2 p1: half the size. No bias where a batch norm follows: it would take it away again."""
    ### BEGIN SOLUTION
    return L.Convolution2D(inputs, outputs, 4, 2, 1, nobias=nobias, initialW=GLOROT)
    ### END SOLUTION


def up(inputs, outputs, nobias=True):
    """k4 s2 p1: twice the size."""
    ### BEGIN SOLUTION
    return L.Deconvolution2D(inputs, outputs, 4, 2, 1, nobias=nobias, initialW=GLOROT)
    ### END SOLUTION


class Encoder(chainer.Chain):
    """(N, C, H, W) -> mu and log var, each (N, latent)"""

    def __init__(self, height, width, channels, latent, filters, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        number = 8 * filters * (height // 16) * (width // 16)
        with self.init_scope():
            self.conv1 = down(channels, filters, nobias=False)
            self.conv2 = down(filters, 2 * filters)
            self.norm2 = L.BatchNormalization(2 * filters, decay=0.9, eps=epsilon)
            self.conv3 = down(2 * filters, 4 * filters)
            self.norm3 = L.BatchNormalization(4 * filters, decay=0.9, eps=epsilon)
            self.conv4 = down(4 * filters, 8 * filters)
            self.norm4 = L.BatchNormalization(8 * filters, decay=0.9, eps=epsilon)
            self.mu = L.Linear(number, latent, initialW=GLOROT)
            self.log_var = L.Linear(number, latent, initialW=GLOROT)
        ### END SOLUTION

    def forward(self, images):
        ### BEGIN SOLUTION
        x = F.relu(self.conv1(images))
        x = F.relu(self.norm2(self.conv2(x)))
        x = F.relu(self.norm3(self.conv3(x)))
        x = F.relu(self.norm4(self.conv4(x)))
        return self.mu(x), self.log_var(x)              # Linear flattens all but the first axis
        ### END SOLUTION


class Decoder(chainer.Chain):
    """(N, latent) -> (N, C, H, W)"""

    def __init__(self, height, width, channels, latent, filters, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.maps = (8 * filters, height // 16, width // 16)
        number = self.maps[0] * self.maps[1] * self.maps[2]
        with self.init_scope():
            self.dense = L.Linear(latent, number, nobias=True, initialW=GLOROT)
            self.norm0 = L.BatchNormalization(8 * filters, decay=0.9, eps=epsilon)
            self.conv1 = up(8 * filters, 4 * filters)
            self.norm1 = L.BatchNormalization(4 * filters, decay=0.9, eps=epsilon)
            self.conv2 = up(4 * filters, 2 * filters)
            self.norm2 = L.BatchNormalization(2 * filters, decay=0.9, eps=epsilon)
            self.conv3 = up(2 * filters, filters)
            self.norm3 = L.BatchNormalization(filters, decay=0.9, eps=epsilon)
            self.conv4 = up(filters, channels, nobias=False)
        ### END SOLUTION

    def forward(self, z):
        ### BEGIN SOLUTION
        x = F.relu(self.norm0(F.reshape(self.dense(z), (-1, *self.maps))))
        x = F.relu(self.norm1(self.conv1(x)))
        x = F.relu(self.norm2(self.conv2(x)))
        x = F.relu(self.norm3(self.conv3(x)))
        return F.tanh(self.conv4(x))
        ### END SOLUTION


class Discriminator(chainer.Chain):
    """(N, C, H, W) -> logits (N, 1)"""

    def __init__(self, height, width, channels, filters, slope):
        super().__init__()
        ### BEGIN SOLUTION
        self.slope = slope
        with self.init_scope():
            self.conv1 = down(channels, filters, nobias=False)
            self.conv2 = down(filters, 2 * filters, nobias=False)
            self.conv3 = down(2 * filters, 4 * filters, nobias=False)
            self.dense = L.Linear(4 * filters * (height // 8) * (width // 8), 1, initialW=GLOROT)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        x = F.leaky_relu(self.conv1(x), self.slope)
        x = F.leaky_relu(self.conv2(x), self.slope)
        x = F.leaky_relu(self.conv3(x), self.slope)
        return self.dense(x)
        ### END SOLUTION


def cross_entropy(logits, target):
    """Chainer's own sigmoid_cross_entropy takes whole numbers only."""
    ### BEGIN SOLUTION
    return F.mean(F.softplus(logits) - target * logits)
    ### END SOLUTION


def update(optimizer, loss):
    """A step of the optimizer on its own parameters. loss.backward() would compute gradients for all that there are."""
    chainer.grad([loss], list(optimizer.target.params()), set_grad=True)
    optimizer.update()


class VAEGAN(chainer.Chain):
    def __init__(self, height=32, width=32, channels=3, latent=128, filters=64,
                 epsilon=1e-5, slope=0.2, lambda_vae=1.0, lambda_gan=0.1, learning_rate=2e-4, beta1=0.5):
        """The networks: encoder, decoder, discriminator. The optimizers: vae_optimizer, discriminator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.lambda_vae, self.lambda_gan = lambda_vae, lambda_gan
        with self.init_scope():
            self.encoder = Encoder(height, width, channels, latent, filters, epsilon)
            self.decoder = Decoder(height, width, channels, latent, filters, epsilon)
            self.discriminator = Discriminator(height, width, channels, filters, slope)
        self.vae_optimizer, self.discriminator_optimizer = (
            chainer.optimizers.Adam(learning_rate, beta1, 0.999, eps=1e-8) for _ in range(2))
        self.vae_optimizer.setup(chainer.Sequential(self.encoder, self.decoder))
        self.discriminator_optimizer.setup(self.discriminator)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [-1, 1]; eps and z (N, latent), normal."""
        ### BEGIN SOLUTION
        images = batch["images"]
        fakes = self.decoder(batch["z"])                # once: for the discriminator now, for the decoder below

        discriminator = (cross_entropy(self.discriminator(images), 1)
                         + cross_entropy(self.discriminator(fakes.array), 0))       # the array has no history
        update(self.discriminator_optimizer, discriminator)

        mu, log_var = self.encoder(images)
        reconstructions = self.decoder(mu + F.exp(log_var / 2) * batch["eps"])
        squared_error = F.sum(F.squared_difference(reconstructions, images)) / len(images)
        kl = -0.5 * F.sum(1 + log_var - mu ** 2 - F.exp(log_var)) / len(images)
        generator = cross_entropy(self.discriminator(fakes), 1)             # the discriminator of after its step
        vae = self.lambda_vae * (squared_error + kl) + self.lambda_gan * generator
        update(self.vae_optimizer, vae)
        return {"discriminator": discriminator, "vae": vae, "squared_error": squared_error, "kl": kl,
                "generator": generator}
        ### END SOLUTION

    def encode(self, images):
        """(N, C, H, W) -> (N, latent), the means"""
        return self.encoder(images)[0]

    def decode(self, codes):
        """(N, latent) -> (N, C, H, W)"""
        return self.decoder(codes)

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W), without noise"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """(N, latent), normal -> (N, C, H, W)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(VAEGAN)
