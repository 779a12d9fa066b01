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
# Skip connections carry an image's details past the bottleneck. They also carry away the reason to put anything into
# z. So the skips of a real image are disturbed by noise when a new image is made: nearly the same image, with another
# code.
#
# The whole question: [questions/unet_vae_gan](../questions/unet_vae_gan/README.md)
# ([日本語](../questions/unet_vae_gan/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("unet_vae_gan", "def train_step", "def encode")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/unet_vae_gan](../answers/unet_vae_gan).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("unet_vae_gan")

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
# - Alpha from 0 to 1 in the noise on the skips: when is it another image, and when mere noise?
# - Reconstruction is nearly perfect from the first hundred steps. Is that a success?

# %%
model.view("samples")

# %%
model.view("skip_noise")

# %%
model.view("losses")

# %% [markdown]
# ## To try
#
# 1. Add the noise instead of multiplying it. What happens to the zeros that a ReLU made?
# 2. Generate with another z and the same skips: how much of the image does z decide?
# 3. Detach the skips. Which parameters' gradients change?
#
# A wrong answer is told what is wrong with it by `workbook check`.
