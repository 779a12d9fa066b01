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
# Both networks get the class: the generator gets it together with z, and the discriminator gets it as extra planes
# beside the image. So the discriminator must answer two questions at once: is the image real, and does it show a 7?
#
# The whole question: [questions/cgan](../questions/cgan/README.md)
# ([日本語](../questions/cgan/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("cgan", "def train_step", "def generate")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/cgan](../answers/cgan).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("cgan")

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
# - Each row is one class, and all rows use the same noise. What does z decide about a digit when the class is given?
# - Which digits look right early in the training? Which ones are confused with each other?

# %%
model.view("classes")

# %%
model.view("samples")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Do not give the class to the discriminator. Does the generator still draw the class that you ask for?
# 2. In the update of the generator, give the fake images other labels than in the update of the discriminator.
# 3. Interpolate between two labels: half a 3 and half an 8.
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
