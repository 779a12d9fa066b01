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
# Depth images are not black or white: a Bernoulli likelihood is the wrong one. Here the decoder gives the mean of a
# Gaussian for each pixel; the loss is its true negative log-likelihood, constants and all, and the ELBO is reported
# in its parts.
#
# The whole question: [questions/gaussian_vae](../questions/gaussian_vae/README.md)
# ([日本語](../questions/gaussian_vae/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("gaussian_vae", "def negative_log_likelihood", "def train_step")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/gaussian_vae](../answers/gaussian_vae).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("gaussian_vae")

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
# - The parts of the ELBO on images that were not trained on: reconstruction in nats, which may be negative for a
#   density, and the KL divergence.
# - Solids between two solids: does a cube become a sphere by growing round?

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
# 1. Leave out 0.5 log(2 pi): no gradient changes. Which number that one reports does?
# 2. Take the sum over pixels as a mean. Why does the KL divergence then win?
# 3. Let the decoder learn one variance for all pixels. Where does it go?
#
# A wrong answer is told what is wrong with it by `workbook check`.
