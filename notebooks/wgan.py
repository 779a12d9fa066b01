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
# # Wasserstein GAN
#
# The critic does not judge, it measures: its scores' difference is an estimate of the earth mover's distance, if its
# slope is bounded. Here it is bounded crudely, by clipping each weight to [-c, c]. Several critic steps for one of
# the generator, and RMSprop, since momentum does not go well with clipping.
#
# The whole question: [questions/wgan](../questions/wgan/README.md)
# ([日本語](../questions/wgan/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("wgan", "def train_step", "def generate")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/wgan](../answers/wgan).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("wgan")

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
model = showcase.Trained("wgan", data="depth", channels=1, steps=1200)

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
# - The estimate of the distance falls with the quality of the samples, which no GAN loss does.
# - Most weights end at the clipping bound: draw their histogram.

# %%
model.view("samples")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Clip before the update instead of after it. How much does the bound still hold?
# 2. Use Adam. `check` knows the mistake.
# 3. One critic step instead of several: does the estimate still mean anything?
#
# A wrong answer is told what is wrong with it by `workbook check`.
