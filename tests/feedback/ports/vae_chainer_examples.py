"""'vae' after chainer/chainer, examples/vae (MIT): a loss function that is made by a method and given to update. The lines are ours."""

import chainer
import chainer.functions as F
import chainer.links as L


class Encoder(chainer.Chain):
    def __init__(self, n_in, n_latent, n_h):
        super(Encoder, self).__init__()
        with self.init_scope():
            self.le1 = L.Linear(n_in, n_h)
            self.le2_mu = L.Linear(n_h, n_latent)
            self.le2_ln_var = L.Linear(n_h, n_latent)

    def forward(self, x):
        h = F.tanh(self.le1(x))
        return self.le2_mu(h), self.le2_ln_var(h)


class Decoder(chainer.Chain):
    def __init__(self, n_out, n_latent, n_h):
        super(Decoder, self).__init__()
        with self.init_scope():
            self.ld1 = L.Linear(n_latent, n_h)
            self.ld2 = L.Linear(n_h, n_out)

    def forward(self, z, sigmoid=True):
        h = F.tanh(self.ld1(z))
        h = self.ld2(h)
        return F.sigmoid(h) if sigmoid else h


class VariationalAutoencoder(chainer.Chain):
    def __init__(self, height, width, channels, hidden, latent, learning_rate):
        super(VariationalAutoencoder, self).__init__()
        self.shape = (-1, channels, height, width)
        n_in = channels * height * width
        with self.init_scope():
            self.encoder = Encoder(n_in, latent, hidden)
            self.decoder = Decoder(n_in, latent, hidden)
        self.optimizer = chainer.optimizers.Adam()
        self.optimizer.setup(self)

    def get_loss_func(self, beta=1.0, k=1):
        def lf(x):
            mu, ln_var = self.encoder(x)
            batchsize = len(mu)
            self.rec_loss = 0
            for _ in range(k):
                z = F.gaussian(mu, ln_var)
                self.rec_loss += F.bernoulli_nll(x, self.decoder(z, sigmoid=False)) / (k * batchsize)
            self.kl = F.gaussian_kl_divergence(mu, ln_var) / batchsize
            self.loss = self.rec_loss + beta * self.kl
            return self.loss
        return lf

    def train_step(self, batch):
        x = chainer.Variable(batch["images"].reshape(len(batch["images"]), -1))
        self.optimizer.update(self.get_loss_func(), x)
        return {"loss": self.loss, "bce": self.rec_loss, "kl": self.kl}

    def encode(self, images):
        mu, ln_var = self.encoder(images)
        return mu

    def decode(self, z):
        return F.reshape(self.decoder(z), self.shape)

    def reconstruct(self, images):
        return self.decode(self.encode(images))

    def generate(self, z):
        return self.decode(z)
