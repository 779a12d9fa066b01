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
# # Wasserstein GAN with gradient penalty
#
# Nothing is clipped here. Instead, the critic pays a penalty at points between real and generated images, when the
# norm of its gradient there is not 1. So its loss contains a gradient, and its update needs the gradient of a
# gradient. Each framework has its own way to write this.
#
# The whole question: [questions/wgan_gp](../questions/wgan_gp/README.md)
# ([日本語](../questions/wgan_gp/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("wgan_gp", "def train_step", "def generate")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/wgan_gp](../answers/wgan_gp).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("wgan_gp")

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
# It learns clothes, as in the question, in fewer steps. This is enough to see where the training is going.

# %%
model = showcase.Trained("wgan_gp", steps=400)

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
# - Follow the penalty during the training. It begins near 1, because a new critic is nearly flat.
# - Compare the samples with those of `wgan` after the same number of steps.

# %%
model.view("samples")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Draw one alpha for the whole batch. Does the expected value of the penalty change?
# 2. Forget the square root: penalise (|g|^2 - 1)^2. Which slope does the critic prefer now?
# 3. Put batch norm into the critic. Why does the penalty of one image then depend on the others?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
