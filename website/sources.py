"""All sources of the site in one folder, for Sphinx: pages, and what lies beside them."""

import io
import shutil
from pathlib import Path

from PIL import Image

from harness.tasks import ROOT
from website import libraries
from website.pages import home, lockstep, museum, reading, side, task
from website.repository import stations

EXPLORERS = libraries.SITE / "explorers"


def write(folder: Path) -> int:
    """Write everything into ``folder``, which is emptied first; how many pages there are."""
    shutil.rmtree(folder, ignore_errors=True)
    found = pages()
    for name, text in found.items():
        path = folder / (name + (".ipynb" if name in notebooks() else ".md"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "images").symlink_to(ROOT / "docs" / "images")
    return len(found)


def notebooks() -> set[str]:
    """The names of the pages that are notebooks."""
    return {f"notebooks/{station.task}" for station in stations()}


def pages() -> dict[str, str]:
    """All pages: name and text."""
    found = {**home.home(list(explorers())), **side.pages(), **lockstep.page(), **museum.pages(), **reading.pages(), **reading.notebooks(),
             **reading.explorers(explorers())}
    for station in stations():
        found |= task.pages(station.task)
    return found


def explorers() -> dict[str, str]:
    """The text of each explorer's page, by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(EXPLORERS.glob("*.md"))}


def beside(static: Path) -> None:
    """What the pages load, into the site's folder for that: libraries, pictures, the numbers of the curves, an explorer's files."""
    libraries.copy(static)
    (static / "rows").mkdir(exist_ok=True)
    (static / "curves").mkdir(exist_ok=True)
    (static / "moving").mkdir(exist_ok=True)
    for station in stations():
        shutil.copyfile(ROOT / "docs/images/rows" / f"{station.task}.jpg", static / "rows" / f"{station.task}.jpg")
        shutil.copyfile(ROOT / "questions" / station.task / "reference/curves.json", static / "curves" / f"{station.task}.json")
    picture = home.moving("vae", "growth")
    (static / "moving/vae.webp").write_bytes(picture)
    still = Image.open(io.BytesIO(picture), formats=["WEBP"])
    still.seek(getattr(still, "n_frames", 1) - 1)
    still.convert("RGB").save(static / "moving/vae.png", optimize=True)
    shutil.copytree(EXPLORERS, static / "explorers", ignore=shutil.ignore_patterns("*.md", ".*"), dirs_exist_ok=True)
