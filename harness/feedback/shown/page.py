"""A page of one check, and its pictures alone: the words of the terminal, and yours beside what is expected.

It needs nothing but itself. All that comes from a learner goes through ``page.text``.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

import numpy as np

from harness.feedback import fingerprint
from harness.feedback.ladder import RUNGS
from harness.feedback.shown import beside, said, strips
from harness.feedback.shown.said import MARKS, SAYS
from harness.feedback.shown.strips import Strips
from harness.feedback.verdict import Verdict
from harness.frameworks import FRAMEWORKS
from harness.lockstep.difference import curve_difference
from harness.pictures import png
from harness.pictures.chart import chart
from harness.pictures.page import document, text, value
from harness.runner.bench import PASSED, WRONG

WIDTH = 720             # pixels of a strip, at least
STYLE = """\
.about { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; align-items: baseline; margin: .25rem 0 0; }
.finding .head { font-size: 1.15rem; font-weight: 650; }
.finding dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .6rem 0; }
.finding dt { color: var(--soft); } .finding dd { margin: 0; overflow-wrap: anywhere; }
blockquote { margin: .6rem 0; padding-left: .9rem; border-left: 2px solid var(--line); font-style: italic; }
figcaption .mark { font-weight: 400; font-size: .9rem; white-space: nowrap; }
.strips { margin: 1.1rem 0 0; }
.strips div { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: .3rem .6rem; align-items: center; margin-top: .35rem; }
.strips .whose { color: var(--soft); font-size: .9rem; }
.strips img { display: block; max-width: 100%; height: auto; image-rendering: pixelated; border-radius: 3px; }
.strips .whose { border-left: 4px solid var(--right); padding-left: .5rem; } .strips .yours { border-color: var(--yours); }
.strips .apart { border-color: rgb(188, 55, 84); }
.made img { width: min(100%, 32rem); height: auto; image-rendering: pixelated; border-radius: 6px; display: block; }
@media (max-width: 44rem) {
  .strips div { grid-template-columns: 1fr; }
  .strips img.images { width: 100%; aspect-ratio: var(--half); object-fit: cover; object-position: left; }
}
"""


def write(verdict: Verdict, folder: Path, steps: Sequence[tuple[str, str]] = (), made: tuple[np.ndarray, str] | None = None) -> Path:
    """The page of a verdict that is passed or wrong, and where there are pictures, a PNG of them beside it. ``steps``: what to do
    next, and the command for it; ``made``: a picture of what the answer makes after some training, and what it is.

    Raises OSError where ``folder`` cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{verdict.task.name}_{verdict.framework}.html"
    found = beside.of(verdict)
    drawn = strips.strips(verdict.task, found) if found else []
    path.write_text(_page(verdict, drawn, found.rung if found else "", steps, made), encoding="utf-8")
    image = path.with_suffix(".png")
    if made or drawn:
        image.write_bytes(png.encoded(made[0] if made else png.enlarged(strips.picture(drawn, verdict.framework), WIDTH)))
    else:
        image.unlink(missing_ok=True)       # of an earlier check
    return path


def _page(verdict: Verdict, drawn: list[Strips], rung: str, steps: Sequence[tuple[str, str]], made: tuple[np.ndarray, str] | None) -> str:
    task, kind = verdict.task, "good" if verdict.state == PASSED else "bad"
    parts = [
        '<p class="eyebrow">workbook check</p>', f"<h1>{text(task.title)}</h1>",
        f'<p class="about"><span class="pill {kind}">{MARKS[verdict.state][0]} {text(verdict.state)}</span>'
        f'<span><span class="dot {verdict.framework}"></span>{FRAMEWORKS[verdict.framework]}</span>'
        f'<span class="soft">{text(verdict.file)}</span>'
        f'<span class="soft">{datetime.now():%Y-%m-%d %H:%M:%S}, in {verdict.seconds:.1f} s</span></p>',
        f'<div class="finding {kind}">{"".join(_words(said.reasons(verdict)))}</div>']
    if made:
        parts.append(f'<section class="made"><h2>What your network makes</h2><p class="soft">{text(made[1])}</p>'
                     f'<img alt="{text(made[1])}" src="{png.address(made[0])}"></section>')
    losses, pictures = "".join(_losses(verdict)), "".join(_pictures(verdict, drawn, rung))
    parts += [pictures, losses] if rung == beside.BEFORE else [losses, pictures]
    parts.append(f'<section><h2>Step by step</h2><ul class="ladder">{"".join(_ladder(verdict))}</ul></section>')
    if verdict.printed.strip():
        parts.append(f'<section><h2>What your code printed</h2><pre dir="auto">{text(verdict.printed)}</pre></section>')
    if steps:
        lines = "".join(f"<dt>{text(what)}</dt><dd><code>{text(how)}</code></dd>" for what, how in steps)
        parts.append(f'<section><h2>What comes next</h2><div class="finding none"><dl>{lines}</dl></div></section>')
    style = f"{STYLE}:root {{ --yours: var(--{verdict.framework}); }}\n"
    return document(f"{task.name}, {FRAMEWORKS[verdict.framework]}: {verdict.state}", "\n".join(filter(None, parts)), style)


def _words(told: Iterable[said.Part]) -> Iterator[str]:
    for kind, parts in groupby(told, lambda part: part.kind):
        if kind in (said.FACT, said.PLACE):
            yield f"<pre>{text(chr(10).join(part.text for part in parts))}</pre>"
        else:
            yield from map(_part, parts)


def _part(part: said.Part) -> str:
    match part.kind:
        case said.HEAD:
            what = said.RIGHT if part.state == PASSED else part.text.partition(": ")[2]
            return f'<p class="head message">{text(what)}</p>'
        case said.WHAT:
            return f'<p class="message"><b>{text(part.text)}</b></p>'
        case said.FORMULAS:
            rows = (line.partition(":") for line in part.text.splitlines())
            told = "".join(f"<dt>{text(whose)}</dt><dd><code>{text(what.strip())}</code></dd>" for whose, _, what in rows)
            return f"<dl>{told}</dl>"
        case said.QUOTE:
            return f"<blockquote>{text(part.text)}</blockquote>"
        case said.TEXT:
            return f'<p class="message">{text(part.text)}</p>'
        case said.NEXT:
            return f'<p class="soft small">{text(part.text)}</p>'
    return ""


def _losses(verdict: Verdict) -> Iterator[str]:
    ladder = verdict.ladder
    curves = ladder.found.get("curves", {}) if ladder else {}
    if not curves or not ladder or not ladder.right:
        return
    right = {name: ladder.right["curves"][name] for name in curves}
    yield ('<section><h2>Losses of the first steps</h2><p class="key"><span><i></i>expected</span>'
           f'<span><span class="dot {verdict.framework}"></span>yours</span></p><div class="charts">')
    for name, values in curves.items():
        yield (f"<figure><figcaption>{text(name)} {_apart(values, right[name])}</figcaption>"
               f"{chart(name, values, right[name], verdict.framework)}</figure>")
    yield ('</div><p class="soft small">Step 1 begins with weights at which mistakes show, step 2 with initial weights such as the '
           'question asks for.</p><details><summary>the numbers</summary><div class="scroll"><table><thead><tr><th>Loss</th>'
           f'<th class="left">Whose</th>{"".join(f"<th>step {i + 1}</th>" for i in range(fingerprint.STEPS))}</tr></thead><tbody>')
    for name, values in curves.items():
        for first, whose, of in ((text(name), "expected", right[name]), ("", "yours", values)):
            yield f'<tr><td>{first}</td><td class="left">{whose}</td>{"".join(f"<td>{value(number)}</td>" for number in of)}</tr>'
    yield "</tbody></table></div></details></section>"


def _apart(values: list[float], right: list[float]) -> str:
    """Where a curve leaves the right one."""
    differ = curve_difference(np.array(values, float), np.array(right[:len(values)], float)) > fingerprint.TOLERANCE
    if not differ.any():
        return f'<span class="mark good">{MARKS[PASSED][0]} the same</span>'
    step = int(np.argmax(differ))
    return f'<span class="mark bad">{MARKS[WRONG][0]} step {step + 1}: {value(values[step])}, expected {value(right[step])}</span>'


def _pictures(verdict: Verdict, drawn: list[Strips], rung: str) -> Iterator[str]:
    if not drawn:
        return
    when = "after these steps" if rung == beside.AFTER else "before training, with weights at which mistakes show"
    yield (f'<section><h2>What it gives, {when}</h2><p class="soft">Nothing is learnt here yet: what counts is whether it is what the '
           "question's own networks give of the same inputs.</p>")
    for of in drawn:
        wrong = of.expected is not None
        apart = f"up to {of.largest:.2g} apart" if math.isfinite(of.largest) else "not all are numbers"
        mark = (f'<span class="mark bad">{MARKS[WRONG][0]} {apart}</span>' if wrong else
                f'<span class="mark good">{MARKS[PASSED][0]} as expected</span>')
        stretched = '<span class="mark soft">(contrast stretched)</span>' if of.stretched else ""
        yield f'<figure class="strips"><figcaption>{text(of.ability)} {mark} {stretched}</figcaption>'
        for whose, kind, strip in (("yours", "yours", of.yours), ("expected", "", of.expected), ("difference", "apart", of.difference)):
            if strip is not None:
                yield f'<div><span class="whose {kind}">{whose}</span>{_image(strip, of.images, f"{of.ability}, {whose}")}</div>'
        yield "</figure>"
    if any(of.difference is not None for of in drawn):
        yield '<p class="soft small">Difference: black is none, yellow the largest of all these numbers.</p>'
    yield "</section>"


def _image(strip: np.ndarray, images: int, name: str) -> str:
    """On a narrow screen half of the images, twice as large."""
    height, width = strip.shape[:2]
    half = f' class="images" style="--half: {width // 2} / {height}"' if images else ""
    shown = png.enlarged(strip, WIDTH).shape[1] if images else 2 * width
    return f'<img{half} alt="{text(name)}" width="{shown}" src="{png.address(strip)}">'


def _ladder(verdict: Verdict) -> Iterator[str]:
    there = {rung.name: rung for rung in verdict.rungs}
    for name in RUNGS:
        rung = there.get(name)
        if rung is None:
            yield f'<li class="not-reached"><span class="sign">·</span><span><b>{name}</b>: {SAYS[name]} (not reached)</span></li>'
            continue
        kind = "good" if rung.status == PASSED else "bad"
        says = SAYS[name] if rung.status == PASSED else text(rung.message or rung.status)
        shown = " open" if name == "networks" and rung.status == WRONG else ""
        facts = text("\n".join(rung.facts))
        more = f"<details{shown}><summary>what was compared</summary><pre>{facts}</pre></details>" if facts else ""
        yield f'<li><span class="sign {kind}">{MARKS[rung.status][0]}</span><span><b>{name}</b>: {says}</span>{more}</li>'
