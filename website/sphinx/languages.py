"""A page says in its front matter which language it is in, and which page is the same in the other one.

``head.js`` stands in the page's head itself: it goes to the other page before anything is drawn, and needs no request.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

HEAD = (Path(__file__).parent / "head.js").read_text(encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", _page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _page(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """``language``, ``other`` (a page's name, in the front matter), and ``scripts`` that this page needs."""
    meta = context.get("meta") or {}
    language = meta.get("language", "en")
    context["language"] = language
    if "other" in meta:
        to, other = context["pathto"](meta["other"]), "en" if language == "ja" else "ja"
        context["metatags"] = context.get("metatags", "") + f'<link rel="alternate" hreflang="{other}" href="{to}">'
    context["metatags"] = context.get("metatags", "") + f"<script>\n{HEAD}</script>"
    for name in meta.get("scripts", "").split():
        app.add_js_file(name, defer="defer", priority=600)
    for name in meta.get("styles", "").split():
        app.add_css_file(name)
