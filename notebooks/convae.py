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
# A convolution looks at a small neighbourhood, with the same weights everywhere. Pooling halves the size and keeps
# the largest value of each window. Transposed convolutions double the size again. The codes are maps now. Together
# they have a third of the numbers of the input.
#
# The whole question: [questions/convae](../questions/convae/README.md)
# ([日本語](../questions/convae/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("convae", "class ", "def encode")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/convae](../answers/convae).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("convae")

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
# The networks are the same as in the question, but the training sees fewer images. This is enough to see where the
# training is going.

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
# - Compare with the plain autoencoder. Which of the two has sharper edges? Which one shows ringing or blocks?
# - Codes that are maps keep the place of each thing. So between two images nothing turns; one image only fades into
#   the other.

# %%
model.view("samples")

# %%
model.view("interpolation")

# %% [markdown]
# ## To try
#
# 1. Replace max-pooling by average pooling. The shapes stay the same. Does the loss?
# 2. Why can the codes pass through a ReLU here? What would that cost a linear autoencoder?
# 3. Count the multiplications of the first layer. Then count those of a dense layer that does the same.
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
