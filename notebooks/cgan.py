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
# # Conditional GAN
#
# Both networks are told the class: the generator gets it beside z, the discriminator as planes beside the image. The
# discriminator must then ask two things at once: is it real, and is it a 7?
#
# The whole question: [questions/cgan](../questions/cgan/README.md)
# ([日本語](../questions/cgan/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("cgan", "def train_step", "def generate")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/cgan](../answers/cgan).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("cgan")

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
model = showcase.Trained("cgan", steps=2000)

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
# - A row a class, all from the same noise: what of a digit is in z, if the class is not?
# - Which digits come early, and which are taken for one another?

# %%
model.view("classes")

# %%
model.view("samples")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Do not tell the discriminator the class. Does the generator still obey?
# 2. Give the fakes other labels in the second step than in the first.
# 3. Interpolate between two labels, half a 3 and half an 8.
#
# A wrong answer is told what is wrong with it by `workbook check`.
