"""Small pieces of HTML in Markdown."""

import html
import re

import pygments
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer


def raw(text: str) -> str:
    """``text``, HTML, as a block of a Markdown page."""
    return f"``````{{raw}} html\n{text}\n``````"


def front(**meta: str | None) -> str:
    """The front matter of a page."""
    return "---\n" + "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in meta.items() if value) + "---\n"


def coloured(source: str) -> list[str]:
    """Each line of a Python file as HTML, with Pygments' classes; a text over several lines has them on each."""
    whole = pygments.highlight(source, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
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
    """A cell of a table, as HTML: code, bold and italics are what it may have."""
    text = html.escape(markdown.replace(r"\|", "|"), quote=False)
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(f"<code>{part[1:-1]}</code>" if part.startswith("`") else
                   re.sub(r"\*(.+?)\*", r"<em>\1</em>", re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>",
                          re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", part))) for part in parts)
