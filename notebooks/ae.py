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
# The network copies its input through a bottleneck of 64 numbers. So it learns what 64 numbers can say about a newt.
# It has no non-linearity, so it can do no better than principal component analysis. The exercise is the training
# loop, which is the same in every later task: batch, forward pass, loss, gradients, update.
#
# The whole question: [questions/ae](../questions/ae/README.md)
# ([日本語](../questions/ae/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("ae", "def train_step", "def encode")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/ae](../answers/ae).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("ae")

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
# The images are smaller than in the question, and the training sees fewer of them. This is enough to see where the
# training is going.

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
# - In each pair of rows, the originals are above and their copies below. Which details appear first, and which never
#   appear?
# - The interpolation goes through the codes between those of two real images. Does the newt turn around, or does one
#   image fade into the other? Which of the two must a linear network do?

# %%
model.view("samples")

# %%
model.view("interpolation")

# %%
model.view("latent")

# %% [markdown]
# ## To try
#
# 1. Halve `latent` twice: `showcase.Trained("ae", latent=16)`. How much does the loss grow?
# 2. Put a ReLU after the encoder's layer, and run `workbook check` on your answer. What does it say?
# 3. Train on `digits`. How many numbers does a digit need?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
