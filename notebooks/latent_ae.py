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
# # The latent space of an autoencoder
#
# Two numbers for a digit, so that one can draw where each digit lies. The loss is a binary cross-entropy from logits,
# pixel by pixel; and what the exercise is about comes after training: walk around on the plane of codes, and see what
# lies between the digits.
#
# The whole question: [questions/latent_ae](../questions/latent_ae/README.md)
# ([日本語](../questions/latent_ae/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("latent_ae", "def train_step", "def encode")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/latent_ae](../answers/latent_ae).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("latent_ae")

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
model = showcase.Trained("latent_ae")

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
# - Which digits share a region of the plane, and why those?
# - There are holes: places where no digit lies, and the decoder was never asked what it makes of them.

# %%
model.view("samples")

# %%
model.view("latent")

# %%
model.view("grid")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Train with another `seed`. What of the plane is the same?
# 2. Draw codes from N(0, I) and decode them. Why is that not a generative model? The next task mends it.
# 3. Apply the sigmoid twice, as happens to everybody once. What does the loss converge to?
#
# A wrong answer is told what is wrong with it by `workbook check`.
