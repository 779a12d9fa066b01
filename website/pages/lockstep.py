"""The curves of four frameworks over each other, and the table of agreement, from what is stored in questions/<task>/reference/curves.json."""

import html
from harness.frameworks import FRAMEWORKS
from harness.lockstep.report import difference
from website.pages.home import curves
from website.pages.pieces import front, raw
from website.repository import stations


def page() -> dict[str, str]:
    """``lockstep``. The numbers of the curves themselves are loaded when they are looked at."""
    options = "".join(f'<option value="{s.task}">{s.number}. {html.escape(s.title)}</option>' for s in stations())
    stored = curves("ae")
    versions = ", ".join(f"{FRAMEWORKS[name]} {version}" for name, version in stored["versions"].items())
    keys = "".join(f'<li><i class="dot {name}"></i>{title}</li>' for name, title in FRAMEWORKS.items())
    return {"lockstep": front(hide_toc="true", scripts="uplot/uPlot.iife.min.js chart.js lockstep.js", styles="uplot/uPlot.min.css") + f"""# Lockstep

All four frameworks train from the same initial weights, on the same batches and noise, in float64. Below, their curves lie on one another; the
second chart shows what is between them. {{doc}}`docs/lockstep` says how this is done, {{doc}}`docs/alignment` what had to be made equal for it.

{raw(f'''<div class="wide"></div><noscript><p>The charts need JavaScript. The table below has the largest differences.</p></noscript>
<div class="choose" id="choose" hidden><label>Task <select id="task">{options}</select></label> <label>Loss <select id="loss"></select></label>
<label>Differences from <select id="from"></select></label></div>
<ul class="key" aria-label="Colours">{keys}</ul>
<figure class="chart"><figcaption id="curve-said">The loss at each step</figcaption><div id="curve" class="plot" tabindex="0" role="group"
aria-labelledby="curve-said" aria-describedby="how"></div></figure>
<figure class="chart"><figcaption id="difference-said">Differences, relative, on a logarithmic axis</figcaption><div id="difference" class="plot" tabindex="0" role="group"
aria-labelledby="difference-said" aria-describedby="how"></div></figure>
<div class="zoom" id="zoom" hidden><button type="button" data-do="in">Zoom in</button> <button type="button" data-do="out">Zoom out</button>
<button type="button" data-do="left" aria-label="Earlier steps">◀</button> <button type="button" data-do="right" aria-label="Later steps">▶</button>
<button type="button" data-do="all">All steps</button> <span id="shown" role="status"></span></div>
<p id="how">Drag over a chart to see these steps alone; double-click shows all again. With two fingers: pinch, and move. With the keyboard, in a
chart: + and − zoom, arrows move and read a step, 0 shows all.</p>''')}

The differences are relative: |a - b| / max(|a|, |b|, floor), as {{doc}}`docs/lockstep` defines it. Where two numbers are equal there is no
point: a logarithm has no zero.

## How well they agree

The largest relative difference between any two frameworks, after {stored["steps"]} steps at the size of a check: in any loss at any step, in
any parameter at the end, in any output. Stored with {versions}.

{raw(_table())}

## Repeat it

```console
$ workbook compare --all --size check --steps {stored["steps"]}
$ .venv/bin/python tools/curves.py
```

The first trains and compares, the second stores the numbers that this page shows. It takes three minutes on two cores.
"""}


def _table() -> str:
    rows = []
    for station in stations():
        pairs = curves(station.task)["pairs"]
        worst = (difference(max(pair[what] for pair in pairs)) for what in ("curve", "parameter", "output"))
        rows.append(f'<tr><th scope="row"><a href="?task={station.task}#choose">{html.escape(station.title)}</a></th>'
                    + "".join(f"<td>{number}</td>" for number in worst) + "</tr>")
    head = "".join(f'<th scope="col">{title}</th>' for title in ("Task", "Curves", "Parameters", "Outputs"))
    return f'<div class="scroll" tabindex="0" role="group" aria-label="Agreement"><table class="agreement"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
