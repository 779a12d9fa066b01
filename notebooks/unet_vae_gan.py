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
# # U-Net VAE-GAN
#
# Skip connections carry the details of an image past the bottleneck. Then there is little reason left to put anything
# into z. So when a new image is made, noise disturbs the skips of a real image. The result is nearly the same image,
# with another code.
#
# The whole question: [questions/unet_vae_gan](../questions/unet_vae_gan/README.md)
# ([日本語](../questions/unet_vae_gan/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("unet_vae_gan", "def train_step", "def encode")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in
# [answers/unet_vae_gan](../answers/unet_vae_gan).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("unet_vae_gan")

# %%
# NBVAL_CHECK_OUTPUT
showcase.agreement(comparison)

# %% [markdown]
# The largest relative differences between any two frameworks. They are rounding errors, and depend on the machine:

# %%
showcase.differences(comparison)

# %%
showcase.curves(comparison)

# %% [markdown]
# ## A short training
#
# The networks are smaller than in the question, and the training sees fewer images. This is enough to see where the
# training is going.

# %%
model = showcase.Trained("unet_vae_gan", steps=800)

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
# - Alpha, the amount of noise on the skips, goes from 0 to 1. When is it a different image, and when only noise?
# - The reconstruction is soon sharper than that of `vae_gan`, but the KL divergence falls nearly to 0. Is that a
#   success?

# %%
model.view("samples")

# %%
model.view("skip_noise")

# %%
model.view("losses")

# %% [markdown]
# ## To try
#
# 1. Add the noise instead of multiplying by it. What happens to the zeros that a ReLU made?
# 2. Generate with another z and the same skips. How much of the image does z decide?
# 3. Detach the skips. Which parameters get other gradients?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
