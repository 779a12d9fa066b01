"""The site as `make site-test` built it, served from a folder of a host, and Chromium that looks at it."""

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def built():
    """The folder of the site."""
    if not os.environ.get("WORKBOOK_SITE"):
        pytest.skip("`make site-test` builds the site and runs this")
    return Path(os.environ["WORKBOOK_SITE"]).resolve()


@pytest.fixture(scope="session")
def address(built):
    """Where it is served: below a folder, as GitHub Pages does it."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=built.parent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{built.name}/"
    server.shutdown()


@pytest.fixture(scope="session")
def chromium(built):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is missing: `make site-test` installs it")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("Chromium is missing (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium, address):
    """``browse(width=..., dark=...)`` is a new page, whose errors, and what it asks of other hosts, fail the test."""
    wrong, contexts = [], []

    def new(width=1200, height=900, dark=False, **others):
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light",
                                       base_url=address, **others)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: message.type in ("error", "warning") and wrong.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
        page.on("requestfailed", lambda request: "ERR_ABORTED" not in (request.failure or "") and wrong.append(f"{page.url}: {request.url} failed"))
        page.on("request", lambda request: request.url.startswith(("http://127.0.0.1", "data:", "blob:"))
                or wrong.append(f"{page.url} asks {request.url}"))
        return page

    yield new
    for context in contexts:
        context.close()
    assert wrong == []
