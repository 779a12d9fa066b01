"""The libraries for the browser: where npm puts them, and which of their files go to the site."""

import shutil
import subprocess
from pathlib import Path

SITE = Path(__file__).resolve().parent
MODULES = SITE / "node_modules"
NODE, NPM = "node", "npm"


class Missing(Exception):
    """A program or a library that the site needs is not there; the message says how to get it."""


def require() -> None:
    """Have npm put the libraries there, in the versions of the lock file, unless they are there. Raises Missing."""
    if not (shutil.which(NODE) and shutil.which(NPM)):
        raise Missing("the site needs node and npm, to typeset formulas and for its libraries (Debian: apt-get install nodejs npm)")
    lock, stamp = SITE / "package-lock.json", MODULES / "of-lock.json"
    if stamp.is_file() and stamp.read_bytes() == lock.read_bytes():
        return
    done = subprocess.run([NPM, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=SITE, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise Missing(f"npm could not install what website/package-lock.json names:\n{done.stderr.strip()}")
    stamp.write_bytes(lock.read_bytes())


def copy(static: Path) -> None:
    """What the pages load, into ``static``: KaTeX's style and fonts (woff2, which every browser of the last years takes), uPlot."""
    fonts = static / "katex" / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for font in (MODULES / "katex/dist/fonts").glob("*.woff2"):
        shutil.copyfile(font, fonts / font.name)
    shutil.copyfile(MODULES / "katex/dist/katex.min.css", static / "katex/katex.min.css")
    (static / "uplot").mkdir(exist_ok=True)
    for name in ("uPlot.iife.min.js", "uPlot.min.css"):
        shutil.copyfile(MODULES / "uplot/dist" / name, static / "uplot" / name)
