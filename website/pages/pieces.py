"""Pages from templates/, and code in colour."""

import functools
import html
import re
from typing import Any

import jinja2
import pygments
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from website.libraries import SITE


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(loader=jinja2.FileSystemLoader(SITE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
                              keep_trailing_newline=True)


def filled(template: str, **values: Any) -> str:
    """A template of templates/ with ``values`` in it, which are text unless it says that they are HTML or Markdown."""
    return _environment().get_template(template).render(values)


def raw(text: str) -> str:
    """``text``, HTML, as a block of a Markdown page."""
    return f"``````{{raw}} html\n{text}\n``````"


def coloured(source: str) -> list[str]:
    """Each line of a Python file as HTML, with Pygments' classes; a text over several lines has them on each."""
    whole: str = pygments.highlight(source, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return whole.rstrip("\n").split("\n")


def without_indent(line: str, spaces: int) -> str:
    """A line of ``coloured`` without its first ``spaces`` characters, which are spaces; tags stay."""
    tags = ""
    while spaces and line:
        if tag := re.match(r"<[^>]*>", line):
            tags, line = tags + tag[0], line[tag.end():]
        else:
            line, spaces = line[1:], spaces - 1
    return tags + line


def inline(markdown: str) -> str:
    """A cell of a table, as HTML: code, bold and italics are what it may have; of a link its words."""
    text = html.escape(markdown.replace(r"\|", "|"), quote=False)
    return "".join(f"<code>{part[1:-1]}</code>" if part.startswith("`") else _words(part) for part in re.split(r"(`[^`]*`)", text))


def _words(text: str) -> str:
    for pattern, instead in ((r"\[([^]]*)\]\([^)]*\)", r"\1"), (r"\*\*(.+?)\*\*", r"<strong>\1</strong>"), (r"\*(.+?)\*", r"<em>\1</em>")):
        text = re.sub(pattern, instead, text)
    return text
