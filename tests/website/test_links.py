"""Every link of the built site leads to a file, every anchor to a place in it; nothing is loaded from another host."""

import html.parser
import posixpath
from urllib.parse import unquote, urlsplit

from browser import built  # noqa: F401  a fixture


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loaded = {"", "top"}, [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        of = dict(attributes)
        self.ids |= {of[name] for name in ("id", "name") if of.get(name)}
        if tag in ("a", "link") and of.get("href") and of.get("rel") not in ("index", "search"):
            (self.links if tag == "a" or of.get("hreflang") else self.loaded).append(of["href"])
        if of.get("src"):
            self.loaded.append(of["src"])


def test_links_and_anchors_are_whole(built):
    pages = {path.relative_to(built).as_posix(): Page(path.read_text(encoding="utf-8")) for path in built.rglob("*.html")}
    assert len(pages) > 90
    wrong = []
    for name, page in pages.items():
        for link in page.links + page.loaded:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                if link in page.loaded and parts.scheme != "data":
                    wrong.append(f"{name} loads {link}")
                continue
            to = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))) if parts.path else name
            if to.startswith("..") or not (built / to).is_file():
                wrong.append(f"{name}: {link}")
            elif to in pages and unquote(parts.fragment) not in pages[to].ids:
                wrong.append(f"{name}: {link} has no such place")
    assert wrong == []


def test_a_first_visit_is_small(built):
    """The first page with all that it loads, and the whole site."""
    page = Page((built / "index.html").read_text(encoding="utf-8"))
    loaded = {posixpath.normpath(urlsplit(link).path) for link in page.loaded if not urlsplit(link).scheme}
    size = (built / "index.html").stat().st_size + sum((built / path).stat().st_size for path in loaded if (built / path).is_file())
    assert size < 600_000
    assert sum(path.stat().st_size for path in built.rglob("*") if path.is_file()) < 40_000_000
