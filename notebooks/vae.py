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
# The encoder gives a small cloud instead of a point. A second term of the loss, the KL divergence to N(0, I), keeps
# all clouds together near the origin. Then any point drawn from N(0, I) can be decoded. The randomness is in eps. It
# is drawn outside the network, so that the gradient can pass: z = mu + exp(log var / 2) eps.
#
# The whole question: [questions/vae](../questions/vae/README.md)
# ([日本語](../questions/vae/README.ja.md)). Below are the four answers.
# If you want to solve the task yourself first, stop reading here.

# %%
import sys

sys.path.insert(0, "..")        # the workbook, around this folder

from harness.views import showcase

# %% [markdown]
# ## The main part of the answer, in four frameworks

# %%
showcase.answers("vae", "def train_step", "def encode")

# %% [markdown]
# Click the line below a part to see the whole answer. The files are in [answers/vae](../answers/vae).
#
# ## In lockstep
#
# All four get the same weights, batches and noise, in float64. What is printed here is the same on every machine. The
# tests compare it.

# %%
comparison = showcase.lockstep("vae")

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
# - Compare the plane with that of `latent_ae`. There are no holes near the origin, and the digits change smoothly
#   into one another.
# - The KL divergence says how many nats the decoder gets about a digit. How many digits can you tell apart with that
#   many nats?

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
# 1. Multiply the KL divergence by 0, by 0.1 and by 4. How does the plane change?
# 2. Use the wrong sign for log var in the KL term. `check` has a name for this mistake.
# 3. Set eps to zero in training. Now it is an autoencoder again. Compare the grids.
#
# If an answer is wrong, `workbook check` tells you what is wrong with it.
