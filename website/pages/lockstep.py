"""The curves of four frameworks over each other, and the table of agreement, from what questions/<task>/reference/curves.json stores."""

from harness.frameworks import FRAMEWORKS
from harness.lockstep.report import difference
from website.pages.home import curves
from website.pages.pieces import filled
from website.repository import stations


def page() -> dict[str, str]:
    """``lockstep``. The numbers of the curves themselves are loaded when they are looked at."""
    stored = {s.task: curves(s.task) for s in stations()}
    first = next(iter(stored.values()))
    versions = ", ".join(f"{FRAMEWORKS[name]} {version}" for name, version in first["versions"].items())
    worst = {name: [difference(max(pair[what] for pair in of["pairs"])) for what in ("curve", "parameter", "output")]
             for name, of in stored.items()}
    return {"lockstep": filled("lockstep.md", stations=stations(), frameworks=FRAMEWORKS, stored=first, versions=versions, worst=worst)}
