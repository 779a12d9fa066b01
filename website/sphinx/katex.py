"""Formulas made into HTML and MathML while the site is built, by KaTeX: a page needs no script for them."""

import json
import subprocess
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from website.libraries import MODULES, NODE

# Reads a line of JSON, {"text", "display"}, and writes one, {"html"} or {"error"}.
SCRIPT = """
const katex = require(process.argv[1]);
require("readline").createInterface({input: process.stdin}).on("line", line => {
  const {text, display} = JSON.parse(line);
  let answer;
  try { answer = {html: katex.renderToString(text, {displayMode: display, output: "htmlAndMathml", strict: "ignore"})}; }
  catch (error) { answer = {error: String(error)}; }
  process.stdout.write(JSON.stringify(answer) + "\\n");
});
"""


class Katex:
    """A Node process that typesets; it ends with the build."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __call__(self, text: str, display: bool) -> str:
        """``text``, LaTeX, as HTML. Raises ExtensionError if KaTeX does not understand it."""
        if self._process is None:
            self._process = subprocess.Popen([NODE, "-e", SCRIPT, str(MODULES / "katex/dist/katex.js")], text=True, encoding="utf-8",
                                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"text": text, "display": display}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, str] = json.loads(self._process.stdout.readline() or '{"error": "node ended"}')
        if "error" in answer:
            raise ExtensionError(f"KaTeX cannot typeset {text!r}: {answer['error']}")
        return answer["html"]

    def close(self, *_: Any) -> None:
        if self._process:
            assert self._process.stdin and self._process.stdout
            self._process.stdin.close()
            self._process.wait(timeout=10)
            self._process.stdout.close()


def setup(app: Sphinx) -> dict[str, Any]:
    typeset = Katex()

    def inline(self: Any, node: nodes.math) -> None:
        self.body.append(f'<span class="math">{typeset(node.astext(), False)}</span>')
        raise nodes.SkipNode

    def display(self: Any, node: nodes.math_block) -> None:
        self.body.append(f'<div class="math" tabindex="0" role="group" aria-label="Formula">{typeset(node.astext(), True)}</div>')
        raise nodes.SkipNode

    app.add_html_math_renderer("katex", (inline, None), (display, None))
    app.connect("build-finished", typeset.close)
    app.connect("html-page-context", _style)
    return {"parallel_read_safe": True, "parallel_write_safe": False}


def _style(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """KaTeX's style only where there is a formula."""
    if doctree is not None and any(doctree.findall(lambda node: isinstance(node, (nodes.math, nodes.math_block)))):
        app.add_css_file("katex/katex.min.css")
