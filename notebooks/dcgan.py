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
# # Deep convolutional GAN
#
# The recipe that made GANs train: strided convolutions instead of pooling, batch norm, ReLU below and LeakyReLU
# above, Adam with beta1 = 0.5, weights from N(0, 0.02). All of it is in the question's table, and half of it is a
# default of another framework.
#
# The whole question: [questions/dcgan](../questions/dcgan/README.md)
# ([日本語](../questions/dcgan/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("dcgan", "def train_step", "def generate")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/dcgan](../answers/dcgan).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("dcgan")

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
model = showcase.Trained("dcgan", data="depth", channels=1, features=32, batch=32, steps=1500)

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
# - Checkerboards: a kernel of 5 at stride 2 covers some pixels more often than others.
# - All places share their kernels, so an early image is one pattern all over.

# %%
model.view("samples")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Take the slope 0.01 of PyTorch's LeakyReLU, or 0.3 of Keras's. In which step does the curve show it?
# 2. Generate in training mode and in evaluation mode after 10 steps, and after 100.
# 3. Average three z of balls. What does their mean look like?
#
# A wrong answer is told what is wrong with it by `workbook check`.
