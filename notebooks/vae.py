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
# # Variational autoencoder
#
# The encoder gives a small cloud instead of a point, and a second term of the loss, the KL divergence to N(0, I),
# keeps all clouds together near the origin. Then any point drawn from N(0, I) can be decoded. The randomness is in
# eps, drawn outside, so that the gradient passes: z = mu + exp(log var / 2) eps.
#
# The whole question: [questions/vae](../questions/vae/README.md)
# ([日本語](../questions/vae/README.ja.md)). Below are the four answers; who wants to solve it first should stop here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The heart of the answer, in four frameworks

# %%
showcase.answers("vae", "def train_step", "def encode")

# %% [markdown]
# Each whole answer is folded below its part, and lies in [answers/vae](../answers/vae).
#
# ## In lockstep
#
# The same weights, batches and noise for all four, in float64. What is printed here is the same on every machine, and
# the tests compare it.

# %%
comparison = showcase.lockstep("vae")

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
model = showcase.Trained("vae")

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
# - The plane beside that of `latent_ae`: no holes near the origin, and the digits turn into one another.
# - The KL divergence in nats is what the decoder is told about a digit. How many digits could one tell apart with that?

# %%
model.view("latent")

# %%
model.view("grid")

# %%
model.view("walk")

# %%
model.view("losses")

# %% [markdown]
# ## To try
#
# 1. Multiply the KL divergence by 0, 0.1, 4. What becomes of the plane?
# 2. Write log var's sign wrong in the KL term; `check` has a name for it.
# 3. Set eps to zero in training: it is an autoencoder again. Compare the grids.
#
# A wrong answer is told what is wrong with it by `workbook check`.
