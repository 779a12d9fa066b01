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
# This is the recipe that made the training of GANs stable: strided convolutions instead of pooling, batch norm, ReLU
# in the generator, LeakyReLU in the discriminator, Adam with beta1 = 0.5, weights from N(0, 0.02). The table in the
# question has all of these values. Many of them are the default of one framework, but not of another.
#
# The whole question: [questions/dcgan](../questions/dcgan/README.md)
# ([日本語](../questions/dcgan/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("dcgan", "def train_step", "def generate")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/dcgan](../answers/dcgan).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("dcgan")

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
model = showcase.Trained("dcgan", steps=1000)

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
# - Look for checkerboard patterns. A kernel of 5 at stride 2 covers some pixels more often than others.
# - The same kernels are used at all places. So an early image is one pattern that is repeated everywhere.

# %%
model.view("samples")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Use the default slope of PyTorch's LeakyReLU, 0.01, or of Keras's, 0.3. At which step do the curves show it?
# 2. Generate images in training mode and in evaluation mode, after 10 steps and after 100. How do they differ?
# 3. Take three z that give trousers, and use their average as z. What does the image look like?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
