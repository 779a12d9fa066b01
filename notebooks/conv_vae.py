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
# This is the variational autoencoder with convolutions and batch normalisation, in colour. From here on, training and
# evaluation are different. In training, batch norm uses the statistics of the batch. In evaluation it uses running
# averages. These are part of the state, and all four frameworks must agree on them.
#
# The whole question: [questions/conv_vae](../questions/conv_vae/README.md)
# ([日本語](../questions/conv_vae/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("conv_vae", "def train_step", "def encode")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/conv_vae](../answers/conv_vae).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("conv_vae")

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
# - The reconstructions are blurred. Where the decoder is not sure, an average gives the smallest squared error.
# - Compare the KL divergence with the squared error. How much smaller does the error become for one more nat?

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
# 1. Reconstruct an image in training mode, once alone and once in a batch. Why are the two results different?
# 2. Swap batch norm and ReLU. `check` recognises this mistake after five steps. How can it know?
# 3. Let the running averages keep 0.1 of their old value instead of 0.9. Which of the losses shows it?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
