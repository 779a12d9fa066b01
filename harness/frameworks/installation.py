"""Installing a framework by pip, with what pip has to be told to build Chainer."""

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from harness.messages import WorkbookError
from harness.tasks import ROOT

DISTRIBUTION = "image-generation-workbook"
CHAINER = "chainer==7.8.1"      # its last release
# Chainer's setup.py imports pkg_resources, which setuptools 81 removed. The file says that an older one is to build it.
CONSTRAINTS = ROOT / "constraints-build.txt"


def install(names: list[str]) -> int:
    """Install frameworks into this environment; pip's exit code. What pip says goes where this process prints."""
    wanted = list(dict.fromkeys(requirement for name in names for requirement in requirements(name)))
    return subprocess.run([sys.executable, "-m", "pip", "install", *wanted], env=environment(), check=False).returncode


def requirements(name: str) -> list[str]:
    """What the extra of a framework asks for. Raises WorkbookError where the workbook itself was not installed."""
    try:
        declared = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        raise WorkbookError(f"{DISTRIBUTION} is not installed in this environment; run `make setup` or "
                            "`python -m pip install .` in its folder") from None
    found = [requirement.partition(";")[0].strip() for requirement in declared
             if re.search(rf"""extra == ['"]{name}['"]""", requirement)]
    return [*found, CHAINER] if name == "chainer" else found


def environment(constraints: Path = CONSTRAINTS) -> dict[str, str]:
    """For pip: PIP_CONSTRAINT before pip 25.3, PIP_BUILD_CONSTRAINT from then on; as URIs, since pip splits them at spaces."""
    ours = constraints.resolve().as_uri()
    return {**os.environ, **{name: " ".join(filter(None, (os.environ.get(name), ours)))
                             for name in ("PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT")}}
