"""A page that needs nothing but itself: its frame, its looks in light and dark, and text in it that is no more than text."""

import functools
import html
import math
import re
from pathlib import Path

# One a framework, everywhere; also the colour-blind tell them apart (tests/pictures/test_colours.py).
COLOURS = {"pytorch": "#c8500a", "tensorflow": "#ffb000", "keras": "#1aa37a", "chainer": "#1f4e9e"}
LESS = 0.45             # on a dark page a framework's colour is so much nearer to white
# What has no picture of its own, or turns the text around it: embeddings, overrides, isolates and marks of direction.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]")


def document(title: str, body: str, style: str = "") -> str:
    """A whole page. ``body`` is HTML, ``style`` CSS beside ``looks``; ``title`` is text."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{text(title)}</title>
<style>
{looks()}{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


@functools.cache
def looks() -> str:
    """The style of all pages, as CSS: style.css, and the colours of the frameworks."""
    light, dark = ("".join(f"  --{name}: {colour};\n" for name, colour in of.items())
                   for of in (COLOURS, {name: lighter(colour) for name, colour in COLOURS.items()}))
    of_each = "".join(f".dot.{name} {{ color: var(--{name}); }} svg .{name} {{ stroke: var(--{name}); fill: var(--{name}); }}\n"
                      for name in COLOURS)
    own = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    return f":root {{\n{light}}}\n@media (prefers-color-scheme: dark) {{ :root {{\n{dark}}} }}\n{own}{of_each}"


def lighter(colour: str) -> str:
    """A colour, #rrggbb, as it is on a dark page."""
    channels = (int(colour[i:i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(channel + (255 - channel) * LESS):02x}" for channel in channels)


def value(number: float) -> str:
    """A loss, in a table."""
    return f"{number:.6g}" if math.isfinite(number) else "not a number" if math.isnan(number) else "infinite"


def text(said: object) -> str:
    """Whatever somebody wrote, as text in a page or in an attribute."""
    return html.escape(visible(str(said)))


def visible(text: str) -> str:
    """``text`` with every control character, mark of direction and lone surrogate as something that can be seen."""
    return shown(text.replace("\r\n", "\n").replace("\r", "\n"))


def shown(text: str) -> str:
    """The same, where an end of a line as an old Mac wrote it is no end of a line."""
    return _HIDDEN.sub(_seen, text)


def _seen(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7f else f"\\u{code:04x}"
