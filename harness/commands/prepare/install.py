"""``install``: bring a framework into this environment. Chainer is why: pip alone cannot build it today."""

from typing import Annotated

import typer
from rich.text import Text

from harness.commands.console import out
from harness.frameworks import FRAMEWORKS, installation, named
from harness.messages import WorkbookError


def install(names: Annotated[list[str], typer.Argument(metavar="FRAMEWORK...", help="pytorch, tensorflow, keras or chainer.")]) -> None:
    """Install frameworks into this environment, with pip.

    Chainer is a source package, and its build needs an old setuptools. This command gives pip the options for it.
    """
    chosen = list(dict.fromkeys(named(name) for name in names))
    code = installation.install(chosen)
    if code:
        raise WorkbookError(f"pip could not install {', '.join(FRAMEWORKS[name] for name in chosen)} (exit code {code}); "
                            "its own message is above")
    out.print(Text(f"installed: {', '.join(FRAMEWORKS[name] for name in chosen)}"))
