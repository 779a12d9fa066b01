"""'dcgan' after chainer/chainer, examples/dcgan (MIT): links declared by kind, noise in the discriminator, an updater's two loss
functions, weight decay. The lines are ours."""

import chainer
import chainer.functions as F
import chainer.links as L
import numpy


def add_noise(h, sigma=0.2):
    if chainer.config.train:
        return h + sigma * numpy.random.randn(*h.shape)
    return h


class Generator(chainer.Chain):
    def __init__(self, n_hidden, bottom, ch, out, wscale=0.02):
        super(Generator, self).__init__()
        self.bottom, self.ch = bottom, ch
        size = bottom[0] * bottom[1] * 8 * ch
        with self.init_scope():
            w = chainer.initializers.Normal(wscale)
            self.l0 = L.Linear(n_hidden, size, initialW=w)
            self.dc1 = L.Deconvolution2D(8 * ch, 16 * ch, 5, 2, 2, outsize=self.times(2), initialW=w)
            self.dc2 = L.Deconvolution2D(16 * ch, 8 * ch, 5, 2, 2, outsize=self.times(4), initialW=w)
            self.dc3 = L.Deconvolution2D(8 * ch, 4 * ch, 5, 2, 2, outsize=self.times(8), initialW=w)
            self.dc4 = L.Deconvolution2D(4 * ch, out, 5, 2, 2, outsize=self.times(16), initialW=w)
            self.bn0 = L.BatchNormalization(size)
            self.bn1 = L.BatchNormalization(16 * ch)
            self.bn2 = L.BatchNormalization(8 * ch)
            self.bn3 = L.BatchNormalization(4 * ch)

    def times(self, n):
        return n * self.bottom[0], n * self.bottom[1]

    def forward(self, z):
        h = F.reshape(F.relu(self.bn0(self.l0(z))), (len(z), 8 * self.ch, *self.bottom))
        h = F.relu(self.bn1(self.dc1(h)))
        h = F.relu(self.bn2(self.dc2(h)))
        h = F.relu(self.bn3(self.dc3(h)))
        return F.sigmoid(self.dc4(h))


class Discriminator(chainer.Chain):
    def __init__(self, bottom, ch, inputs, slope, wscale=0.02):
        super(Discriminator, self).__init__()
        self.slope = slope
        w = chainer.initializers.Normal(wscale)
        with self.init_scope():
            self.c0 = L.Convolution2D(inputs, ch, 5, 2, 2, initialW=w)
            self.c1 = L.Convolution2D(ch, 2 * ch, 5, 2, 2, initialW=w)
            self.c2 = L.Convolution2D(2 * ch, 4 * ch, 5, 2, 2, initialW=w)
            self.c3 = L.Convolution2D(4 * ch, 8 * ch, 5, 2, 2, initialW=w)
            self.l4 = L.Linear(bottom[0] * bottom[1] * 8 * ch, 1, initialW=w)
            self.bn1 = L.BatchNormalization(2 * ch, use_gamma=False)
            self.bn2 = L.BatchNormalization(4 * ch, use_gamma=False)
            self.bn3 = L.BatchNormalization(8 * ch, use_gamma=False)

    def forward(self, x):
        h = add_noise(x)
        h = F.leaky_relu(add_noise(self.c0(h)), self.slope)
        h = F.leaky_relu(add_noise(self.bn1(self.c1(h))), self.slope)
        h = F.leaky_relu(add_noise(self.bn2(self.c2(h))), self.slope)
        h = F.leaky_relu(add_noise(self.bn3(self.c3(h))), self.slope)
        return self.l4(h)


def make_optimizer(model, alpha=0.0002, beta1=0.5):
    optimizer = chainer.optimizers.Adam(alpha=alpha, beta1=beta1)
    optimizer.setup(model)
    optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(0.0001), "hook_dec")
    return optimizer


class DCGAN:
    def __init__(self, height, width, channels, latent, features, slope, epsilon, learning_rate, beta1):
        bottom = height // 16, width // 16
        self.generator = Generator(latent, bottom, features, channels)
        self.discriminator = Discriminator(bottom, features, channels, slope)
        self.generator_optimizer = make_optimizer(self.generator)
        self.discriminator_optimizer = make_optimizer(self.discriminator)

    def loss_dis(self, y_fake, y_real):
        batchsize = len(y_fake)
        L1 = F.sum(F.softplus(-y_real)) / batchsize
        L2 = F.sum(F.softplus(y_fake)) / batchsize
        self.loss_d = L1 + L2
        return self.loss_d

    def loss_gen(self, y_fake):
        batchsize = len(y_fake)
        self.loss_g = F.sum(F.softplus(-y_fake)) / batchsize
        return self.loss_g

    def train_step(self, batch):
        gen, dis = self.generator, self.discriminator
        y_real = dis(batch["images"])
        x_fake = gen(batch["z"])
        y_fake = dis(x_fake)
        self.discriminator_optimizer.update(self.loss_dis, y_fake, y_real)
        self.generator_optimizer.update(self.loss_gen, y_fake)
        return {"discriminator": self.loss_d, "generator": self.loss_g}

    def generate(self, z):
        return self.generator(z)

    def discriminate(self, images):
        return self.discriminator(images)
