"""The page of a comparison: each loss has its name, and the difference is in sight on a narrow screen."""

import re

import numpy as np
import pytest

from harness import data, tasks
from harness.lockstep import report
from harness.lockstep.compare import Comparison, Settings
from harness.lockstep.difference import Pair, Run


def comparison(name):
    task = tasks.load(name)
    curves = {loss: np.array([1.0, 0.5]) + i for i, loss in enumerate(task.losses)}
    runs = [Run(f, version="1.0", seconds={"training": 1.0}, curves=curves) for f in ("pytorch", "chainer")]
    pair = Pair(("pytorch", "chainer"), 1e-15, 2e-15, 3e-15, None, task.losses[0], "weight")
    return Comparison(task, Settings(("pytorch", "chainer"), steps=2), data.load("digits", number=4),
                      [*runs, Run("keras", "failed", message="it broke")], [pair])


@pytest.mark.parametrize("name", ["ae", "vae", "vae_gan"])
def test_losses_have_names_where_there_are_several(name):
    c = comparison(name)
    row, wide = next(report.rows(c)), next(report.rows(c, wide=True))
    for cell, value in ((row[2], 1), (wide[2], 1), (wide[3], 0.5)):
        assert cell.split("\n") == ([f"{loss} {value + i:g}" for i, loss in enumerate(c.task.losses)]
                                    if len(c.task.losses) > 1 else [f"{value:g}"])
    assert row[3].split("\n") == [f"{0.5 + i:g}" for i in range(len(c.task.losses))]     # a terminal is narrow


def test_each_cell_of_the_page_says_what_it_is():
    """On a narrow screen there is no row of headings."""
    page = report.html([comparison("vae")], {"vae": []})
    assert len(re.findall(r"<td(?! data-heading| class=\"message\")", page)) == 0
    for heading in (*report.HEADINGS, "First", "Second", "Curves", "Parameters", "Outputs", "First step above tolerance"):
        assert f'data-heading="{heading}"' in page
    assert "loss 1\nbce 2\nkl 3" in page and "loss 0.5\nbce 1.5\nkl 2.5" in page
    narrow = page[page.index("@media (max-width: 44rem)"):page.index("</style>")]
    assert "content: attr(data-heading)" in narrow and re.search(r"td:last-child:not\(.message\) \{ order: -1", narrow)
    assert re.search(r"td:first-child \{ order: -2", narrow) and report.HEADINGS[-1] == "Difference"


def test_curves_of_several_losses_are_not_shrunk_to_a_phone(tmp_path):
    """... they are scrolled; one panel fits."""
    from PIL import Image
    for name in ("ae", "vae"):
        Image.new("RGB", (9, 9)).save(tmp_path / "curves.png")
        page = report.html([comparison(name)], {name: [tmp_path / "curves.png"]})
        assert ('<div class="scroll"><img class="wide"' in page) == (name == "vae")
    assert "img.wide { width: 56rem; max-width: none; }" in page[page.index("@media (max-width"):]


def test_each_line_of_the_verdict_is_a_paragraph():
    c = comparison("vae")
    page = report.html([c], {"vae": []})
    said = page.partition('<div class="said">')[2].partition("</div>")[0]
    assert [re.sub("&#39;", "'", line) for line in re.findall(r"<p>(.+)</p>", said)] == [line.strip() for line in report.verdict(c).splitlines()]
