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
# # pix2pix
#
# From a mask of three colours to a photograph of a newt. A U-Net makes the image, a PatchGAN judges mask and image
# together, patch by patch, and an L1 term keeps the image near the truth. Dropout is the only noise, and like all
# noise it comes in with the batch.
#
# The whole question: [questions/pix2pix](../questions/pix2pix/README.md)
# ([日本語](../questions/pix2pix/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("pix2pix", "def train_step", "def translate")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/pix2pix](../answers/pix2pix).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("pix2pix")

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
model = showcase.Trained("pix2pix", steps=1500)

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
# - Mask, made, real, on newts that it was not trained on: where is the belly red?
# - What does L1 alone give, what does the adversary add?

# %%
model.view("translations")

# %% [markdown]
# ## To try
#
# 1. Set `l1_weight` to 0, and to 1000.
# 2. Show the discriminator the image without the mask. What can the generator get away with?
# 3. Leave dropout out. Do two runs over the same mask still differ?
#
# A wrong answer is told what is wrong with it by `workbook check`.
