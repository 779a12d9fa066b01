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
# # Sampling decoder
#
# The decoder is a function of a place: it is given z and a point (u, v) in [-1, 1] x [-1, 1], and gives the grey of
# that point. Trained on 28 x 28 points it can be asked at 168 x 168, or at 512: an image without pixels.
#
# The whole question: [questions/sampling_decoder](../questions/sampling_decoder/README.md)
# ([日本語](../questions/sampling_decoder/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("sampling_decoder", "def render", "def generate")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/sampling_decoder](../answers/sampling_decoder).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("sampling_decoder")

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
model = showcase.Trained("sampling_decoder")

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
# - Rendered beside bicubic enlargement: where does the function know more than the pixels, and where does it invent?
# - The outermost points: the network has never been asked beyond them.

# %%
model.view("samples")

# %%
model.view("resolutions")

# %%
model.view("interpolation")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Swap u and v. What do you see at once, and what would the loss have said?
# 2. Render at 29 x 29. Which points coincide with those of training?
# 3. Give it sin and cos of multiples of u and v as well (Fourier features). What becomes of the strokes?
#
# A wrong answer is told what is wrong with it by `workbook check`.
