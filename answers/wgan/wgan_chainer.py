"""Wasserstein GAN in Chainer.

    z (N, 100) --generator--> images (N, 1, 32, 32) --critic--> scores (N,)

Arjovsky, Chintala & Bottou 2017, "Wasserstein GAN" (arXiv 1701.07875), with the DCGAN task's networks at half the
image size, and no bias at the critic's end.
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L


class Generator(chainer.Chain):
    """(N, latent) -> (N, C, H, W)"""

    def __init__(self, height, width, channels, latent, features, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        h, w, f = height // 16, width // 16, features       # four stages, each doubles the size
        self.maps = (8 * f, h, w)
        normal = chainer.initializers.Normal(0.02)

        def up(inputs, outputs, scale):
            """Twice the height and width: scale times the first maps'."""
            return L.Deconvolution2D(inputs, outputs, ksize=5, stride=2, pad=2, outsize=(scale * h, scale * w),
                                     initialW=normal)

        def norm(inputs):
            return L.BatchNormalization(inputs, eps=epsilon, decay=0.9)

        with self.init_scope():
            self.dense = L.Linear(latent, 8 * f * h * w, initialW=normal)
            self.norm1, self.up1 = norm(8 * f), up(8 * f, 16 * f, 2)
            self.norm2, self.up2 = norm(16 * f), up(16 * f, 8 * f, 4)
            self.norm3, self.up3 = norm(8 * f), up(8 * f, 4 * f, 8)
            self.norm4, self.up4 = norm(4 * f), up(4 * f, channels, 16)
        ### END SOLUTION

    def forward(self, z):
        ### BEGIN SOLUTION
        x = F.reshape(self.dense(z), (-1, *self.maps))
        x = self.up1(self.norm1(F.relu(x)))
        x = self.up2(self.norm2(F.relu(x)))
        x = self.up3(self.norm3(F.relu(x)))
        x = self.up4(self.norm4(F.relu(x)))
        return F.tanh(x)
        ### END SOLUTION


class Critic(chainer.Chain):
    """(N, C, H, W) -> scores (N,)"""

    def __init__(self, height, width, channels, features, slope):
        super().__init__()
        ### BEGIN SOLUTION
        self.slope = slope
        normal = chainer.initializers.Normal(0.02)

        def down(inputs, outputs):
            """Half the height and width."""
            return L.Convolution2D(inputs, outputs, ksize=5, stride=2, pad=2, initialW=normal)

        with self.init_scope():
            self.down1 = down(channels, features)
            self.down2 = down(features, 2 * features)
            self.down3 = down(2 * features, 4 * features)
            self.down4 = down(4 * features, 8 * features)
            self.dense = L.Linear(8 * features * (height // 16) * (width // 16), 1, nobias=True, initialW=normal)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        for down in (self.down1, self.down2, self.down3, self.down4):
            x = F.leaky_relu(down(x), self.slope)
        return F.squeeze(self.dense(x), axis=1)             # Linear flattens all but the first axis
        ### END SOLUTION


class WGAN(chainer.Chain):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=16, critic_steps=5,
                 slope=0.2, epsilon=1e-5, clip=0.01, learning_rate=5e-5):
        """The networks: generator, critic. The optimizers: critic_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.critic_steps, self.clip = critic_steps, clip
        with self.init_scope():
            self.generator = Generator(height, width, channels, latent, features, epsilon)
            self.critic = Critic(height, width, channels, features, slope)
        rmsprop = dict(lr=learning_rate, alpha=0.99, eps=1e-16, eps_inside_sqrt=True)
        self.critic_optimizer = chainer.optimizers.RMSprop(**rmsprop).setup(self.critic)
        self.generator_optimizer = chainer.optimizers.RMSprop(**rmsprop).setup(self.generator)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (critic steps, N, C, H, W) in [-1, 1], z (critic steps, N, latent), z_generator (N, latent)."""
        ### BEGIN SOLUTION
        for step in range(self.critic_steps):
            critic_loss = self.train_critic(batch["images"][step], batch["z"][step])
        generator_loss = self.train_generator(batch["z_generator"])
        return {"critic": critic_loss, "generator": generator_loss, "wasserstein": -critic_loss}
        ### END SOLUTION

    def train_critic(self, images, z):
        """One step of the critic on images (N, C, H, W) and z (N, latent): returns its loss."""
        ### BEGIN SOLUTION
        with chainer.no_backprop_mode():                # no gradient into the generator
            fakes = self.generator(z)                   # in training mode: it moves the running averages
        loss = F.mean(self.score(fakes)) - F.mean(self.score(images))
        self.critic.cleargrads()
        loss.backward()
        self.critic_optimizer.update()
        for parameter in self.critic.params():          # after the step, and the biases too
            parameter.array.clip(-self.clip, self.clip, out=parameter.array)
        return loss
        ### END SOLUTION

    def train_generator(self, z):
        """One step of the generator on z (N, latent): returns its loss."""
        ### BEGIN SOLUTION
        loss = -F.mean(self.score(self.generator(z)))
        # backward() would reach the critic's weights as well; grad() goes only where it is asked to.
        chainer.grad([loss], list(self.generator.params()), set_grad=True)
        self.generator_optimizer.update()
        return loss
        ### END SOLUTION

    def generate(self, z):
        """(N, latent) -> (N, C, H, W); batch norm uses its running averages where config.train is False"""
        return self.generator(z)

    def score(self, images):
        """(N, C, H, W) -> (N,): no probability and no logit, any number"""
        return self.critic(images)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGAN)
