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
# The decoder is a function of a place: it gets z and a point (u, v) in [-1, 1] x [-1, 1], and it gives the grey value
# at that point. It is trained on 28 x 28 points. After that it can draw 168 x 168 points, or 512 x 512: an image
# without pixels.
#
# The whole question: [questions/sampling_decoder](../questions/sampling_decoder/README.md)
# ([日本語](../questions/sampling_decoder/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("sampling_decoder", "def render", "def generate")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in
# [answers/sampling_decoder](../answers/sampling_decoder).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("sampling_decoder")

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
# - Compare the rendered image with the bicubic enlargement. Where does the function know more than the pixels? Where
#   does it invent something?
# - Look at the border. The network was never trained on points outside it.

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
# 1. Swap u and v. What do you see at once? What would the loss have told you?
# 2. Render at 29 x 29. Which of these points are also points of the training?
# 3. Give the decoder sin and cos of multiples of u and v as well (Fourier features). How do the strokes change?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
