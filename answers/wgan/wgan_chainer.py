"""Wasserstein GAN in Chainer.

    z (N, 100) --generator--> images (N, 3, 32, 32) --critic--> scores (N,)

Arjovsky, Chintala & Bottou 2017, "Wasserstein GAN" (arXiv 1701.07875), with the networks of the DCGAN task.
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L


class Generator(chainer.Chain):
    def __init__(self, height, width, channels, latent, filters, epsilon):
        super().__init__()
        self.shape = (filters, height // 16, width // 16)
        normal = chainer.initializers.Normal(0.02)

        def up(inputs, filters, part):
            """Twice the height and width: kernel 5, stride 2, to 1 / part of the image's size."""
            return L.Deconvolution2D(inputs, filters, 5, stride=2, pad=2, outsize=(height // part, width // part),
                                     initialW=normal)

        def norm(filters):
            return L.BatchNormalization(filters, eps=epsilon, decay=0.9)

        with self.init_scope():
            self.dense = L.Linear(latent, filters * self.shape[1] * self.shape[2], initialW=normal)
            self.norm1 = norm(filters)
            self.up1 = up(filters, 2 * filters, 8)
            self.norm2 = norm(2 * filters)
            self.up2 = up(2 * filters, filters, 4)
            self.norm3 = norm(filters)
            self.up3 = up(filters, filters // 2, 2)
            self.norm4 = norm(filters // 2)
            self.up4 = up(filters // 2, channels, 1)

    def forward(self, z):
        h = self.norm1(F.relu(F.reshape(self.dense(z), (-1, *self.shape))))
        h = self.norm2(F.relu(self.up1(h)))
        h = self.norm3(F.relu(self.up2(h)))
        h = self.norm4(F.relu(self.up3(h)))
        return F.tanh(self.up4(h))


class Critic(chainer.Chain):
    def __init__(self, height, width, channels, filters, slope):
        super().__init__()
        self.slope = slope
        normal = chainer.initializers.Normal(0.02)

        def down(inputs, filters):
            """Half the height and width: kernel 5, stride 2."""
            return L.Convolution2D(inputs, filters, 5, stride=2, pad=2, initialW=normal)

        with self.init_scope():
            self.down1 = down(channels, filters)
            self.down2 = down(filters, 2 * filters)
            self.down3 = down(2 * filters, 4 * filters)
            self.down4 = down(4 * filters, 8 * filters)
            self.dense = L.Linear(8 * filters * (height // 16) * (width // 16), 1, nobias=True, initialW=normal)

    def forward(self, images):
        h = images
        for down in (self.down1, self.down2, self.down3, self.down4):
            h = F.leaky_relu(down(h), self.slope)
        return F.squeeze(self.dense(h), axis=1)             # Linear flattens all but the first axis


class WGAN(chainer.Chain):
    def __init__(self, height, width, channels, latent, generator_filters, critic_filters, critic_steps,
                 learning_rate, clip, slope, epsilon):
        super().__init__()
        self.critic_steps, self.clip = critic_steps, clip
        with self.init_scope():
            self.generator = Generator(height, width, channels, latent, generator_filters, epsilon)
            self.critic = Critic(height, width, channels, critic_filters, slope)
        self.critic_optimizer = chainer.optimizers.RMSprop(lr=learning_rate, alpha=0.99, eps=1e-16).setup(self.critic)
        self.generator_optimizer = chainer.optimizers.RMSprop(
            lr=learning_rate, alpha=0.99, eps=1e-16).setup(self.generator)

    def train_step(self, batch):
        """batch: images (critic steps, N, C, H, W) in [-1, 1], z (critic steps, N, latent), z_generator (N, latent)."""
        for step in range(self.critic_steps):
            critic_loss = self.train_critic(batch["images"][step], batch["z"][step])
        generator_loss = self.train_generator(batch["z_generator"])
        return {"critic": critic_loss, "generator": generator_loss, "wasserstein": -critic_loss}

    def train_critic(self, images, z):
        with chainer.no_backprop_mode():
            fakes = self.generator(z)
        loss = F.mean(self.score(fakes)) - F.mean(self.score(images))
        self.critic.cleargrads()
        loss.backward()
        self.critic_optimizer.update()
        for parameter in self.critic.params():
            parameter.array.clip(-self.clip, self.clip, out=parameter.array)
        return loss

    def train_generator(self, z):
        loss = -F.mean(self.score(self.generate(z)))
        # backward() would reach the critic's weights as well; grad() goes only where it is asked to.
        chainer.grad([loss], list(self.generator.params()), set_grad=True)
        self.generator_optimizer.update()
        return loss

    def generate(self, z):
        """(N, latent) -> (N, C, H, W)"""
        return self.generator(z)

    def score(self, images):
        """(N, C, H, W) -> (N,)"""
        return self.critic(images)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGAN)
