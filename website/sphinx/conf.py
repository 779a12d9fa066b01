"""Sphinx's settings for the site; ``website.__main__`` calls it."""

from pathlib import Path

from harness.pictures.page import COLOURS, lighter

SITE = Path(__file__).resolve().parent.parent

project = "Image generation, in four frameworks"
html_title = "Image generation workbook"
author = "the workbook's authors"
language = "en"
extensions = ["myst_nb", "sphinx_design", "website.sphinx.katex", "website.sphinx.languages"]
myst_enable_extensions = ["dollarmath", "colon_fence", "html_image", "attrs_inline"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
nb_execution_mode = "off"           # the notebooks as they are stored
nb_merge_streams = True
highlight_language = "text"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
exclude_patterns = ["**.ipynb_checkpoints"]
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type"]

html_theme = "furo"
html_favicon = str(SITE / "static" / "favicon.svg")
html_static_path = [str(SITE / "static")]
html_css_files = ["site.css"]
html_js_files = [("tabs.js", {"defer": "defer", "priority": 400})]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f5f7d", "color-brand-content": "#1f5f7d", "color-brand-visited": "#5a3d8a",
                            "color-foreground-muted": "#5b636e", "color-foreground-secondary": "#4c545e",
                            **{f"of-{name}": colour for name, colour in COLOURS.items()}},
    "dark_css_variables": {"color-brand-primary": "#7cc0de", "color-brand-content": "#7cc0de", "color-brand-visited": "#c0a6ee",
                           "color-foreground-muted": "#a3a9b1", "color-foreground-secondary": "#b4bac2",
                           **{f"of-{name}": lighter(colour) for name, colour in COLOURS.items()}},
}
