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
# The code of a digit is two numbers, so you can draw where each digit lies in a plane. The loss is a binary
# cross-entropy from logits, pixel by pixel. The main part comes after the training: walk around in the plane of
# codes, and see what lies between the digits.
#
# The whole question: [questions/latent_ae](../questions/latent_ae/README.md)
# ([日本語](../questions/latent_ae/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("latent_ae", "def train_step", "def encode")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/latent_ae](../answers/latent_ae).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("latent_ae")

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
# - Which digits share a region of the plane? Why these?
# - There are holes: places where no digit lies. In training, the decoder never saw a code from there.

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
# 1. Train with another `seed`. What in the plane stays the same?
# 2. Draw codes from N(0, I) and decode them. Why is this not a generative model? The next task solves this problem.
# 3. Apply the sigmoid twice; many people do this once by mistake. Which value does the loss converge to?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
