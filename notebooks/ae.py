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
# # Autoencoder
#
# A network is asked to copy its input through a bottleneck of 64 numbers. What it learns is what 64 numbers can say
# about a newt. Without any non-linearity the best it can do is what principal component analysis does; the exercise
# is the loop of training, the same in every later task: batch, forward pass, loss, gradients, update.
#
# The whole question: [questions/ae](../questions/ae/README.md)
# ([日本語](../questions/ae/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("ae", "def train_step", "def encode")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/ae](../answers/ae).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("ae")

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
model = showcase.Trained("ae", steps=1500)

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
# - Pairs of rows: the image above, its copy below. Which details come first, and which never?
# - Between two real images the codes are averaged: does a newt turn, or does one fade into the other? Of a linear
#   network, what must it be?

# %%
model.view("samples")

# %%
model.view("interpolation")

# %%
model.view("latent")

# %% [markdown]
# ## To try
#
# 1. Halve `latent`, and halve it again: `showcase.Trained("ae", latent=16)`. How does the loss grow?
# 2. Put a ReLU after the encoder's layer, and run `workbook check` on it. What does it say?
# 3. Train on `digits`. How many numbers does a digit need?
#
# A wrong answer is told what is wrong with it by `workbook check`.
