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
# The input is a mask of three colours. The output is a photograph of a newt. A U-Net makes the image. A PatchGAN
# judges mask and image together, patch by patch. An L1 term keeps the image near the real photograph. Dropout is the
# only noise, and like all noise it comes with the batch.
#
# The whole question: [questions/pix2pix](../questions/pix2pix/README.md)
# ([日本語](../questions/pix2pix/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("pix2pix", "def train_step", "def translate")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/pix2pix](../answers/pix2pix).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("pix2pix")

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
# - You see the mask, the generated image and the real one, for newts that were not trained on. Where is the belly
#   red?
# - What does L1 alone give? What does the discriminator add?

# %%
model.view("translations")

# %% [markdown]
# ## To try
#
# 1. Set `l1_weight` to 0, and then to 1000.
# 2. Show the discriminator the image without the mask. Which faults of the generator can it no longer see?
# 3. Leave out dropout. Are two runs on the same mask still different?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
