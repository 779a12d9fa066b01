"""For ``pytest --nbval-lax notebooks``: trainings stop after a few steps. What is compared does not depend on them."""

import os

import pytest
from xdist.scheduler import LoadFileScheduling

os.environ.setdefault("WORKBOOK_QUICK", "1")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With ``-n 2`` a worker takes a notebook whole: a cell needs those before it."""
    return LoadFileScheduling(config, log)
