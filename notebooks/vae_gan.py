# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # VAE-GAN
#
# A discriminator is a better judge of images than a squared error. The decoder is trained by both: it has to be near
# the image, and it has to pass for real. Three networks, two optimizers, and the question who is updated by what, and
# when.
#
# The whole question: [questions/vae_gan](../questions/vae_gan/README.md)
# ([日本語](../questions/vae_gan/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("vae_gan", "def train_step", "def encode")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/vae_gan](../answers/vae_gan).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("vae_gan")

# %%
# NBVAL_CHECK_OUTPUT
showcase.agreement(comparison)

# %% [markdown]
# How far apart they are, relative to the size of what is compared; the last digit depends on the machine:

# %%
showcase.differences(comparison)

# %%
showcase.curves(comparison)

# %% [markdown]
# ## A short training
#
# Smaller networks than the question's, and far fewer steps: enough to see what it is going to be.

# %%
model = showcase.Trained("vae_gan", steps=2000)

# %%
# NBVAL_CHECK_OUTPUT
model.report()

# %%
model.losses()

# %%
model.growth()

# %% [markdown]
# ## What to look at
#
# - Sharper than `conv_vae`? After so short a training, hardly: the discriminator is only beginning.
# - Two losses of one network: which of the two pulls harder, with these weights?

# %%
model.view("samples")

# %%
model.view("losses")

# %%
model.view("interpolation")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Update the encoder and decoder before the discriminator. Does the curve agree with the reference?
# 2. Feed the same noise to reconstruction and generation. What is lost?
# 3. Set `lambda_gan` to 0: which task is it then?
#
# A wrong answer is told what is wrong with it by `workbook check`.
