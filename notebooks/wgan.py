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
# The critic does not judge, it measures. The difference of its scores estimates the earth mover's distance, if its
# slope is bounded. Here the method is crude: each weight is clipped to [-c, c]. The critic takes several steps for
# each step of the generator. The optimizer is RMSprop, because momentum does not work well with clipping.
#
# The whole question: [questions/wgan](../questions/wgan/README.md)
# ([日本語](../questions/wgan/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("wgan", "def train_step", "def generate")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/wgan](../answers/wgan).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("wgan")

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
model = showcase.Trained("wgan", steps=1200)

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
# - The estimated distance falls when the samples get better. No loss of a plain GAN does this.
# - Many weights end at the clipping bound. Draw their histogram.

# %%
model.view("samples")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Clip before the update instead of after it. How well does the bound still hold?
# 2. Use Adam. `check` knows this mistake.
# 3. Take one critic step instead of several. Does the estimate still mean anything?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
