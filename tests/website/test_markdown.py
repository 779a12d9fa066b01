"""Text of the repository as text of a page."""

import re

import pytest

from website.markdown import dedented, joined, relink, sections, slug
from website.pages.pieces import coloured, inline, without_indent


def target(path):
    return {"docs/a.md": "/docs/a.md", "questions/vae/README.md": "/tasks/vae.md", "docs/images/x.jpg": "/images/x.jpg",
            "questions/vae/hints.md": "/tasks/vae.md#hints"}.get(path)


@pytest.mark.parametrize("text, expected", [
    ("see [a](../../docs/a.md#part).", "see [a](/docs/a.md#part)."),
    ("[hints](hints.md) · [machine](task.toml)", "[hints](/tasks/vae.md#hints) · machine"),
    ("![x](../../docs/images/x.jpg)", "![x](/images/x.jpg)"),
    ('<img src="../../docs/images/x.jpg" alt="x">', '<img src="/images/x.jpg" alt="x">'),
    ("[paper](https://arxiv.org/abs/1312.6114) [below](#there)", "[paper](https://arxiv.org/abs/1312.6114) [below](#there)"),
    ("```\n[a](../../docs/a.md)\n```\n[a](../../docs/a.md)", "```\n[a](../../docs/a.md)\n```\n[a](/docs/a.md)"),
    ("[`code[0]`](../vae/README.md)", "[`code[0]`](/tasks/vae.md)")])
def test_links_lead_to_pages_or_become_words(text, expected):
    assert relink(text, "questions/vae/README.md", target) == expected


def test_japanese_has_no_breaks_inside_a_paragraph():
    text = "画素の\n尤度は、\n  次の (a)\nとおり。\n\n新しい段落\n- 項目\n```\n図\n図\n```\n"
    assert joined(text) == "画素の尤度は、次の (a)\nとおり。\n\n新しい段落\n- 項目\n```\n図\n図\n```\n"


def test_sections_and_their_anchors():
    assert sections("# T\nfirst\n\n## A b\none\n\n## C, d?\ntwo\n") == ("# T\nfirst\n\n", [("A b", "one"), ("C, d?", "two")])
    assert slug("C, d?") == "c-d" and slug("What is easy to get wrong") == "what-is-easy-to-get-wrong"


def test_a_hint_stands_without_its_number():
    assert dedented("12. First\n    second\n   - third") == "First\nsecond\n- third"


def test_a_line_is_moved_to_the_left_also_inside_a_text():
    lines = coloured('def f():\n    """Two\n    lines"""\n    return 1\n')
    for line in (without_indent(line, 4) for line in lines[1:]):
        assert line.count("<span") == line.count("</span>")
    assert [re.sub("<[^>]*>", "", without_indent(line, 4)) for line in lines[1:]] == ['"""Two', 'lines"""', "return 1"]


def test_a_cell_is_text_with_code():
    assert inline(r"**sum** of `a \| b`, <i>") == "<strong>sum</strong> of <code>a | b</code>, &lt;i&gt;"
