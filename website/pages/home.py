"""The first page, and the path."""

import base64
import json
import math
import re
from typing import Any

from website.markdown import relink
from website.pages.pieces import filled
from website.repository import page_of, read, stations

WIDTH, STEP, TOP = 112, 76, 30          # of the map: from station to station, from line to line, above the first


def moving(name: str, view: str) -> bytes:
    """The animated picture (WebP) that a notebook stores of ``model.<view>()``."""
    for cell in json.loads(read(f"notebooks/{name}.ipynb"))["cells"]:
        if cell["cell_type"] == "code" and "".join(cell["source"]).startswith(f"model.{view}("):
            for output in cell["outputs"]:
                match = re.search(r'src="data:image/webp;base64,([^"]+)"', "".join(output.get("data", {}).get("text/html", "")))
                if match:
                    return base64.b64decode(match[1])
    raise ValueError(f"notebooks/{name}.ipynb has no picture of model.{view}()")


def home(explorers: list[str]) -> dict[str, str]:
    """The first page and the path. ``explorers``: names of their pages."""
    stored = [curves(station.task) for station in stations()]
    worst = max(pair["curve"] for of in stored for pair in of["pairs"])
    return {"index": filled("home.md", number=len(stations()), steps=min(of["steps"] for of in stored),
                            below=10.0 ** math.ceil(math.log10(worst)), explorers=explorers), "path": path()}


def curves(name: str) -> dict[str, Any]:
    """What questions/<task>/reference/curves.json stores."""
    found: dict[str, Any] = json.loads(read(f"questions/{name}/reference/curves.json"))
    return found


def path() -> str:
    """The fifteen stations as a map and as cards, below what questions/README.md says of the path."""
    first = read("questions/README.md").split("```")[0]
    intro = relink(first.split("\n", 1)[1].split("日本語")[0], "questions/README.md", page_of).strip()
    at = {number: (column * WIDTH + WIDTH // 2, row * STEP + TOP) for number, (column, row) in places().items()}
    japanese = {s.task: read(f"questions/{s.task}/README.ja.md").partition("\n")[0].split(". ", 1)[1] for s in stations()}
    return filled("path.md", stations=stations(), lines=list(dict.fromkeys(s.line for s in stations())), intro=intro, japanese=japanese,
                  at=at, ways=[(at[n], at[s.number]) for s in stations() for n in s.needs],
                  width=max(x for x, _ in at.values()) + WIDTH // 2, height=max(y for _, y in at.values()) + 50)


def places() -> dict[int, tuple[int, int]]:
    """Where each station is on the map: (how many before it, which row). A station stands right of all that it needs."""
    depth = {s.number: 0 for s in stations()}
    for _ in stations():                # long enough for the longest way
        for s in stations():
            depth[s.number] = max((depth[n] + 1 for n in s.needs), default=0)
    taken: set[tuple[int, int]] = set()
    found: dict[int, tuple[int, int]] = {}
    lines = list(dict.fromkeys(s.line for s in stations()))
    for base, line in enumerate(lines):
        start = max((row for _, row in found.values()), default=-1) + (1 if base == len(lines) - 1 else 0)
        for s in (s for s in stations() if s.line == line):
            parents = [found[n][1] for n in s.needs if n in found]
            row = next(r for r in range(max(start, 0) if not parents or min(parents) < start else min(parents), 99)
                       if (depth[s.number], r) not in taken)
            taken.add((depth[s.number], row))
            found[s.number] = depth[s.number], row
    return found
