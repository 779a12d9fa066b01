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
# Two networks work against each other: one makes images from noise, the other tells them from real images. No image
# is ever compared with a right one. The generator learns only from the gradient that comes back through the
# discriminator.
#
# The whole question: [questions/gan](../questions/gan/README.md)
# ([日本語](../questions/gan/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("gan", "def train_step", "def generate")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/gan](../answers/gan).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("gan")

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
model = showcase.Trained("gan", batch=64, steps=4000)

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
# - The losses do not say how good the images are, only which network is stronger. Which one is it here? In lockstep
#   the discriminator's loss begins at 1.386. What is this number?
# - The early samples are noise; then the middle becomes bright. What comes first, place or shape? Why do single
#   pixels stay noisy?

# %%
model.view("samples")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Forget to detach the fake images. The losses of the first steps stay the same. `check` tells you at which step
#    they begin to differ.
# 2. Use the saturating loss, log(1 - D(G(z))). Look at the generator's gradient in the first steps.
# 3. Swap the labels. Which network wins?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
