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
# Instead of clipping, the critic pays when the norm of its gradient, at points between real and generated images, is
# not 1. Its loss holds a gradient, so its update needs the gradient of a gradient: each framework has its own way of
# saying so.
#
# The whole question: [questions/wgan_gp](../questions/wgan_gp/README.md)
# ([日本語](../questions/wgan_gp/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("wgan_gp", "def train_step", "def generate")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/wgan_gp](../answers/wgan_gp).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("wgan_gp")

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
# Newts take a GAN hours. So here it learns `depth`, drawn solids in one channel, with smaller networks than the
# question's and far fewer steps: enough to see what it is going to be.

# %%
model = showcase.Trained("wgan_gp", data="depth", channels=1, steps=400)

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
# - The penalty in the course of training: it begins near lambda, since a new critic is nearly flat.
# - Compare the samples with `wgan` after as many steps.

# %%
model.view("samples")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Draw one alpha for the whole batch. Is the penalty's expectation another one?
# 2. Forget the root: penalise (|g|^2 - 1)^2. Which slope does the critic like now?
# 3. Put batch norm into the critic. Why does the penalty of one image then depend on the others?
#
# A wrong answer is told what is wrong with it by `workbook check`.
