"""For ``pytest --nbval-lax notebooks``: trainings stop after a few steps. What is compared does not depend on them."""

import os

import pytest
from xdist.scheduler import LoadFileScheduling

os.environ.setdefault("WORKBOOK_QUICK", "1")
# Two kernels with all cores' threads each would wait for one another at every step.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With ``-n 2`` a worker takes a notebook whole: a cell needs those before it."""
    return LoadFileScheduling(config, log)
