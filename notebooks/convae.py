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
# # Convolutional autoencoder
#
# Convolutions look at a small neighbourhood, with the same weights everywhere; pooling halves the size and keeps the
# strongest answer; transposed convolutions go back up. The codes are maps now, an eighth of the numbers that went in.
#
# The whole question: [questions/convae](../questions/convae/README.md)
# ([日本語](../questions/convae/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("convae", "class ", "def encode")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/convae](../answers/convae).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("convae")

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
model = showcase.Trained("convae", steps=1500)

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
# - Compare with the plain autoencoder: which of the two has sharper edges, and which one ringing or blocks?
# - Codes that are maps keep their place: between two images there is no turning, only fading.

# %%
model.view("samples")

# %%
model.view("interpolation")

# %% [markdown]
# ## To try
#
# 1. Replace max-pooling by average pooling. The shapes stay; does the loss?
# 2. Why may the encoder have a ReLU on its codes here, and what would it cost a linear autoencoder?
# 3. Count multiplications of the first layer, and of a dense layer that does the same.
#
# A wrong answer is told what is wrong with it by `workbook check`.
