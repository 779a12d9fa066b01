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
# # Gaussian VAE
#
# The pixels of depth images are not only black or white, so a Bernoulli likelihood does not fit them. Here the
# decoder gives the mean of a Gaussian for each pixel. The loss is the true negative log-likelihood with all its
# constants. Each part of the ELBO is reported separately.
#
# The whole question: [questions/gaussian_vae](../questions/gaussian_vae/README.md)
# ([日本語](../questions/gaussian_vae/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("gaussian_vae", "def negative_log_likelihood", "def train_step")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in
# [answers/gaussian_vae](../answers/gaussian_vae).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("gaussian_vae")

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
model = showcase.Trained("gaussian_vae", steps=1200)

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
# - Look at the parts of the ELBO on images that were not trained on: the reconstruction in nats, and the KL
#   divergence. The reconstruction may be negative, because it comes from a density.
# - The interpolation shows solids between two solids. Does a cube become a sphere by getting rounder?

# %%
model.view("samples")

# %%
model.view("losses")

# %%
model.view("interpolation")

# %%
model.view("walk")

# %% [markdown]
# ## To try
#
# 1. Leave out 0.5 log(2 pi). No gradient changes. Which of the reported numbers changes?
# 2. Use the mean over the pixels instead of the sum. Why does the KL divergence win then?
# 3. Let the decoder learn one variance for all pixels. To which value does it go?
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
