"""Wasserstein GAN with gradient penalty in Chainer.

    z (N, 100) --generator--> images (N, 1, 32, 32) --critic--> scores (N,)

Gulrajani et al. 2017, "Improved Training of Wasserstein GANs" (arXiv 1704.00028).
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L

NORMAL = chainer.initializers.Normal(0.02)              # biases begin at zero by themselves


def conv(inputs, outputs, nobias=False):
    """Kernel 3, padding 1: the size stays."""
    ### BEGIN SOLUTION
    return L.Convolution2D(inputs, outputs, ksize=3, pad=1, nobias=nobias, initialW=NORMAL)
    ### END SOLUTION


def norm(features, epsilon):
    """Batch norm that keeps 0.9 of the old averages."""
    ### BEGIN SOLUTION
    return L.BatchNormalization(features, eps=epsilon, decay=0.9)
    ### END SOLUTION


def up(x):
    """Each pixel becomes a square of four."""
    ### BEGIN SOLUTION
    return F.unpooling_2d(x, 2, cover_all=False)
    ### END SOLUTION


class GeneratorBlock(chainer.Chain):
    """(N, features, H, W) -> (N, features, H, W)"""

    def __init__(self, features, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        with self.init_scope():
            self.conv1, self.norm1 = conv(features, features, nobias=True), norm(features, epsilon)
            self.conv2, self.norm2 = conv(features, features, nobias=True), norm(features, epsilon)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        f = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(f)))
        ### END SOLUTION


class Generator(chainer.Chain):
    """(N, latent) -> (N, C, H, W)"""

    def __init__(self, height, width, channels, latent, features, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.maps = (features, height // 8, width // 8)     # three blocks, each followed by twice the size
        with self.init_scope():
            self.dense = L.Linear(latent, features * (height // 8) * (width // 8), nobias=True, initialW=NORMAL)
            self.norm = norm(features, epsilon)
            self.block1 = GeneratorBlock(features, epsilon)
            self.block2 = GeneratorBlock(features, epsilon)
            self.block3 = GeneratorBlock(features, epsilon)
            self.conv = conv(features, channels)
        ### END SOLUTION

    def forward(self, z):
        ### BEGIN SOLUTION
        x = F.relu(self.norm(F.reshape(self.dense(z), (-1, *self.maps))))
        for block in (self.block1, self.block2, self.block3):
            x = up(block(x))
        return F.tanh(self.conv(x))
        ### END SOLUTION


class CriticBlock(chainer.Chain):
    """(N, inputs, H, W) -> (N, features, H, W); no norm. The first one needs a 1x1 convolution as shortcut."""

    def __init__(self, inputs, features, slope, shortcut=False):
        super().__init__()
        ### BEGIN SOLUTION
        self.slope = slope
        with self.init_scope():
            self.conv1, self.conv2 = conv(inputs, features), conv(features, features)
            self.shortcut = (L.Convolution2D(inputs, features, ksize=1, nobias=True, initialW=NORMAL) if shortcut
                             else F.identity)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        f = F.leaky_relu(self.conv1(x), self.slope)
        return F.leaky_relu(self.shortcut(x) + self.conv2(f), self.slope)
        ### END SOLUTION


class Critic(chainer.Chain):
    """(N, C, H, W) -> scores (N,)"""

    def __init__(self, channels, features, slope):
        super().__init__()
        ### BEGIN SOLUTION
        with self.init_scope():
            self.block1 = CriticBlock(channels, features, slope, shortcut=True)
            self.block2 = CriticBlock(features, features, slope)
            self.block3 = CriticBlock(features, features, slope)
            self.block4 = CriticBlock(features, features, slope)
            self.dense = L.Linear(features, 1, nobias=True, initialW=NORMAL)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        x = F.average_pooling_2d(self.block1(x), 2)
        x = F.average_pooling_2d(self.block2(x), 2)
        x = self.block4(self.block3(x))
        return F.squeeze(self.dense(F.mean(x, axis=(2, 3))), axis=1)
        ### END SOLUTION


class WGANGP(chainer.Chain):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=32, critic_steps=5,
                 slope=0.2, epsilon=1e-5, lambda_penalty=10.0, learning_rate=1e-4, beta1=0.0, beta2=0.9):
        """The networks: generator, critic. The optimizers: critic_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.critic_steps, self.lambda_penalty = critic_steps, lambda_penalty
        with self.init_scope():
            self.generator = Generator(height, width, channels, latent, features, epsilon)
            self.critic = Critic(channels, features, slope)
        adam = dict(alpha=learning_rate, beta1=beta1, beta2=beta2, eps=1e-8)
        self.critic_optimizer = chainer.optimizers.Adam(**adam).setup(self.critic)
        self.generator_optimizer = chainer.optimizers.Adam(**adam).setup(self.generator)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (critic steps, N, C, H, W) in [-1, 1], z (critic steps, N, latent) in [-1, 1],
        alpha (critic steps, N, 1, 1, 1) in [0, 1], z_generator (N, latent)."""
        ### BEGIN SOLUTION
        for step in range(self.critic_steps):
            losses = self.train_critic(batch["images"][step], batch["z"][step], batch["alpha"][step])
        return {**losses, "generator": self.train_generator(batch["z_generator"])}
        ### END SOLUTION

    def train_critic(self, images, z, alpha):
        """One step of the critic on images, z (N, latent) and the mixing weights alpha: returns its losses."""
        ### BEGIN SOLUTION
        with chainer.no_backprop_mode():
            fakes = self.generator(z).array
        wasserstein = F.mean(self.score(images)) - F.mean(self.score(fakes))
        penalty = self.penalty(alpha * images + (1 - alpha) * fakes)
        loss = -wasserstein + self.lambda_penalty * penalty
        # backward() would reach the mixed images as well; grad() goes only where it is asked to.
        chainer.grad([loss], list(self.critic.params()), set_grad=True)
        self.critic_optimizer.update()
        return {"critic": loss, "penalty": penalty, "wasserstein": wasserstein}
        ### END SOLUTION

    def penalty(self, mixed):
        """How far the norm of each image's gradient is from 1, squared: mean over the batch."""
        ### BEGIN SOLUTION
        mixed = chainer.Variable(mixed)
        # Of the scores' sum: an image has a share in its own score alone. This gradient will itself be differentiated.
        gradients, = chainer.grad([self.score(mixed)], [mixed], enable_double_backprop=True)
        squares = F.sum(gradients ** 2, axis=(1, 2, 3))
        norms = F.sqrt(F.clip(squares, 1e-12, float("inf")))    # the root's slope at 0 is infinite
        return F.mean((norms - 1) ** 2)
        ### END SOLUTION

    def train_generator(self, z):
        """One step of the generator on z (N, latent): returns its loss."""
        ### BEGIN SOLUTION
        loss = -F.mean(self.score(self.generate(z)))
        chainer.grad([loss], list(self.generator.params()), set_grad=True)
        self.generator_optimizer.update()
        return loss
        ### END SOLUTION

    def generate(self, z):
        """(N, latent) -> (N, C, H, W)"""
        return self.generator(z)

    def score(self, images):
        """(N, C, H, W) -> (N,)"""
        return self.critic(images)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGANGP)
