"""The first page, and the path."""

import base64
import html
import json
import math
import re
from typing import Any

from website.markdown import relink
from website.pages.pieces import raw
from website.repository import Station, page_of, read, stations, task

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
    """``explorers``: names of their pages."""
    worst = max(pair["curve"] for station in stations() for pair in curves(station.task)["pairs"])
    below = 10.0 ** math.ceil(math.log10(worst))
    tree = "\n".join(["path", "side/index", "lockstep", "mistakes/index", *(["explorers/index"] if explorers else []), "notebooks/index",
                      "docs/index"])
    return {"index": f"""# Image generation, in four frameworks

{raw(f'''<div class="lead"><div><p>A workbook of {len(stations())} exercises, from the autoencoder to pix2pix. Each has a question, hints, and answers in
PyTorch, TensorFlow, Keras and Chainer.</p>
<p><strong>In lockstep:</strong> all four get the same initial weights, batches and noise, in float64. So their training curves are the same
numbers: over 200 steps, no two differ by {below:.0e}, relative to what they are. A wrong answer shows as a wrong number.</p></div>
<figure class="moving"><img id="moving" src="_static/moving/vae.webp" data-still="_static/moving/vae.png" width="256" height="256"
alt="Digits, and below each what a variational autoencoder makes of it: first a grey blur, at the end a digit">
<figcaption>A VAE learns to copy digits <button type="button" id="pause" hidden>Stop</button></figcaption></figure></div>''')}

::::{{grid}} 1 1 3 3
:gutter: 3

:::{{grid-item-card}} I want to learn
:link: path
:link-type: doc
Follow the path. Read a question, write an answer in your framework, and `workbook check` says in seconds what is wrong.
:::

:::{{grid-item-card}} I teach
:link: side/index
:link-type: doc
Show any two answers line by line, or one part in four frameworks on a projector. {'{doc}'}`Grading <docs/grading>` is there, too.
:::

:::{{grid-item-card}} I want to look
:link: lockstep
:link-type: doc
Curves of four frameworks on one another, a museum of mistakes, and the {'{doc}'}`gallery <docs/gallery>` of what the networks make.
:::
::::

## Begin

```console
$ workbook start gan --framework pytorch
$ workbook check
$ workbook hint
```

{'{doc}'}`docs/setup` says how to install it; one framework is enough.

```{{toctree}}
:hidden:

{tree}
```
""", "path": path()}


def curves(name: str) -> dict[str, Any]:
    """What questions/<task>/reference/curves.json stores."""
    found: dict[str, Any] = json.loads(read(f"questions/{name}/reference/curves.json"))
    return found


def path() -> str:
    """The fifteen stations as a map and as cards, and what else questions/README.md says."""
    first = read("questions/README.md").split("```")[0]
    intro = relink(first.split("\n", 1)[1].split("日本語")[0], "questions/README.md", page_of)
    lines = list(dict.fromkeys(station.line for station in stations()))
    cards = "\n\n".join(f"## {line}\n\n" + raw('<ol class="stations">' + "".join(_card(s) for s in stations() if s.line == line) + "</ol>")
                        for line in lines)
    tree = "\n".join(f"tasks/{station.task}" for station in stations())
    return f"""# The path

{raw(_map())}

{intro.strip()}

{cards}

```{{toctree}}
:hidden:

{tree}
```
"""


def _card(s: Station) -> str:
    japanese = read(f"questions/{s.task}/README.ja.md").partition("\n")[0].split(". ", 1)[1]
    needs = ", ".join(f'<a href="tasks/{stations()[n - 1].task}.html">{n}</a>' for n in s.needs)
    return (f'<li class="station" id="{s.task}"><img src="_static/rows/{s.task}.jpg" alt="" loading="lazy">'
            f'<div><h3><a href="tasks/{s.task}.html">{s.number}. {html.escape(s.title)}</a></h3>'
            f'<p class="japanese"><a lang="ja" hreflang="ja" href="ja/{s.task}.html">{html.escape(japanese)}</a></p>'
            f'<p>You learn {html.escape(s.learn)}.</p><dl>'
            f'<div><dt>Hard</dt><dd><span class="hard" role="img" aria-label="{s.hard} of 5">{"●" * s.hard}{"○" * (5 - s.hard)}</span></dd></div>'
            f'<div><dt>Write</dt><dd>{html.escape(s.write)}</dd></div><div><dt>Train</dt><dd>{html.escape(s.train)}</dd></div>'
            f'<div><dt>Needs</dt><dd>{needs or "nothing"}</dd></div></dl></div></li>')


def places() -> dict[int, tuple[int, int]]:
    """Where each station is on the map: (how many before it, which row). A station stands right of all that it needs."""
    depth: dict[int, int] = {}
    for s in sorted(stations(), key=lambda s: s.number):
        depth[s.number] = 0
    for _ in stations():                # long enough for the longest way
        for s in stations():
            depth[s.number] = max((depth[n] + 1 for n in s.needs), default=0)
    taken: set[tuple[int, int]] = set()
    found: dict[int, tuple[int, int]] = {}
    rows = {line: 0 for line in dict.fromkeys(s.line for s in stations())}
    for base, line in enumerate(rows):
        start = max((row for _, row in found.values()), default=-1) + (1 if base == len(rows) - 1 else 0)
        for s in (s for s in stations() if s.line == line):
            parents = [found[n][1] for n in s.needs if n in found]
            row = next(r for r in range(max(start, 0) if not parents or min(parents) < start else min(parents), 99)
                       if (depth[s.number], r) not in taken)
            taken.add((depth[s.number], row))
            found[s.number] = depth[s.number], row
    return found


def _map() -> str:
    at = {number: (column * WIDTH + WIDTH // 2, row * STEP + TOP) for number, (column, row) in places().items()}
    width, height = max(x for x, _ in at.values()) + WIDTH // 2, max(y for _, y in at.values()) + 50
    ways = "".join(f'<path d="M{at[n][0]},{at[n][1]} C{at[n][0] + 60},{at[n][1]} {at[s.number][0] - 60},{at[s.number][1]} '
                   f'{at[s.number][0]},{at[s.number][1]}"/>' for s in stations() for n in s.needs)
    lines = list(dict.fromkeys(s.line for s in stations()))
    stops = "".join(f'<a href="tasks/{s.task}.html" class="line{lines.index(s.line)}"><circle cx="{at[s.number][0]}" cy="{at[s.number][1]}" r="15"/>'
                    f'<text x="{at[s.number][0]}" y="{at[s.number][1] + 5}" class="number">{s.number}</text>'
                    f'<text x="{at[s.number][0]}" y="{at[s.number][1] + 33}">{html.escape(task(s.task).name)}</text>'
                    f'<title>{html.escape(s.title)}</title></a>' for s in stations())
    return (f'<div class="map" tabindex="0" role="group" aria-label="Map of the path"><svg viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}"><g class="ways">{ways}</g>{stops}</svg></div>')


