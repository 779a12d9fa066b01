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
# # Generative adversarial network
#
# Two networks against each other: one makes newts from noise, one tells them from real ones. There is no distance to
# a right image anywhere; the only teacher of the generator is the gradient that comes back through the discriminator.
#
# The whole question: [questions/gan](../questions/gan/README.md)
# ([日本語](../questions/gan/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("gan", "def train_step", "def generate")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/gan](../answers/gan).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("gan")

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
model = showcase.Trained("gan", data="depth", channels=1, batch=64, steps=3000)

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
# - The losses do not fall: they stand still when the two are equally strong. What is the number 1.386 in the beginning?
# - Early samples are noise, then a bright middle. What comes first, place or shape? Why do single pixels stay noisy?

# %%
model.view("samples")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Forget to detach the fake images. The first steps' losses are the same; `check` tells you from which step on they
#    are not.
# 2. Use the saturating loss, log(1 - D(G(z))). Look at the generator's gradient in the first steps.
# 3. Swap the labels. Who wins?
#
# A wrong answer is told what is wrong with it by `workbook check`.
