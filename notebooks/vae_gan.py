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
# A discriminator judges images better than a squared error does. The decoder is trained with both: its image must be
# near the original, and the discriminator must take it for real. There are three networks and two optimizers. The
# question is which loss updates which network, and when.
#
# The whole question: [questions/vae_gan](../questions/vae_gan/README.md)
# ([日本語](../questions/vae_gan/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("vae_gan", "def train_step", "def encode")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/vae_gan](../answers/vae_gan).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("vae_gan")

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
# - Are the images sharper than those of `conv_vae`? After such a short training, hardly. Look at the losses: which
#   network is stronger, the discriminator or the decoder?
# - The decoder has two losses. Which of the two is stronger, with these weights?

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
# 1. Update the encoder and the decoder before the discriminator. Does the curve still agree with the reference?
# 2. Use the same noise for reconstruction and generation. What is lost?
# 3. Set `lambda_gan` to 0. Which task is it then?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
