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
# # Convolutional VAE
#
# The variational autoencoder with convolutions and batch normalisation, in colour. From here on training and
# evaluation are two different things: in training, batch norm uses the batch; in evaluation, running averages, which
# are part of the state that all four frameworks must agree on.
#
# The whole question: [questions/conv_vae](../questions/conv_vae/README.md)
# ([日本語](../questions/conv_vae/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("conv_vae", "def train_step", "def encode")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/conv_vae](../answers/conv_vae).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("conv_vae")

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
model = showcase.Trained("conv_vae", steps=2000)

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
# - Reconstructions are blurred: the squared error's best answer to doubt is an average.
# - The KL divergence beside the squared error: what does one more nat buy?

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
# 1. Reconstruct in training mode, alone and in a batch. Why is the image not the same?
# 2. Swap batch norm and ReLU. `check` recognises it from five steps; how could it know?
# 3. Let the running averages keep 0.1 instead of 0.9. Which of the losses shows it?
#
# A wrong answer is told what is wrong with it by `workbook check`.
