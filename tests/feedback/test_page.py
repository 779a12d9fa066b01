"""The page of a check: the words of the terminal, yours beside what is expected, and nothing but text from a learner."""

import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from harness import tasks
from harness.feedback import check, fingerprint
from harness.feedback.shown import beside, page, strips
from harness.runner.client import Here
from harness.tasks import mistakes
from harness.work import stub

NASTY = "<script>alert(1)</script>\x1b[31m\u202e&\"'"


def checked(folder, name="vae", edit=None, framework="chainer"):
    task = tasks.load(name)
    source = stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
    if edit:
        source = mistakes.edited(source, mistakes.edits(task, framework)[edit] if isinstance(edit, str) else [edit])
    path = folder / f"{name}_{framework}.py"
    path.write_text(source, encoding="utf-8")
    return check.check(Here(framework), task, path)


class Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.seen, self.said = [], []
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source.partition("</style>")[2])
        self.text = re.sub(r"\s+", " ", " ".join(self.said))

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.said.append(data)

    def images(self):
        return [attributes["alt"] for tag, attributes in self.seen if tag == "img"]


def test_a_wrong_answer(tmp_path):
    verdict = checked(tmp_path, edit="kl-sign")
    path = page.write(verdict, tmp_path / "checks")
    made = Page(path)
    (mistake,) = verdict.mistakes
    for words in (mistake.title, mistake.explanation, verdict.diagnosis.findings[0].yours, "Losses of the first steps",
                  "✗ step 1:", "✗ step 3:", "first losses"):
        assert re.sub(r"\s+", " ", words) in made.text, words
    assert len([1 for tag, _ in made.seen if tag == "svg"]) == len(verdict.task.losses)
    assert (path.name, path.with_suffix(".png").read_bytes()[:4]) == ("vae_chainer.html", b"\x89PNG")
    assert {tag for tag, _ in made.seen} & {"script", "link", "iframe"} == set() and "url(" not in made.source
    for _, attributes in made.seen:
        assert attributes.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")


def test_before_training(tmp_path):
    """What an ability gives that is wrong stands beside what the question's program gives; what is right stands alone."""
    verdict = checked(tmp_path, "gan", "slope-default")
    found = beside.of(verdict)
    assert found.rung == beside.BEFORE and found.expected.keys() == {"generate", "discriminate"}
    right = verdict.ladder.right["forward"]
    for name, array in found.expected.items():
        assert fingerprint.digest_difference(fingerprint.digest(name, array), right[name]) < fingerprint.TOLERANCE
        assert np.abs(array - found.yours[name]).max() > 1e-3
    drawn = {of.ability: of for of in strips.strips(verdict.task, found)}
    assert drawn["generate"].largest == pytest.approx(np.abs(found.yours["generate"] - found.expected["generate"]).max())
    assert drawn["generate"].yours.shape == drawn["generate"].difference.shape == (8, 8 * 12 + 7 * strips.GAP, 4)
    made = Page(page.write(verdict, tmp_path))
    assert made.images() == [f"{name}, {whose}" for name in ("generate", "discriminate") for whose in ("yours", "expected", "difference")]
    assert made.text.index("before training") < made.text.index("Losses of the first steps")


def test_after_the_steps(tmp_path):
    """Where the networks are right, but not what is learnt: the program takes the same steps."""
    verdict = checked(tmp_path, "wgan", "one-critic-step")
    found = beside.of(verdict)
    assert found.rung == beside.AFTER and "generate" in found.expected
    right = verdict.ladder.right["abilities"]
    assert fingerprint.digest_difference(fingerprint.digest("generate", found.expected["generate"]), right["generate"]) < fingerprint.TOLERANCE


def test_a_right_answer_waits_for_nothing(tmp_path):
    """Its page costs less than 0.1 s, and nothing is imported for it that a verdict does not need."""
    verdict = checked(tmp_path)
    page.write(verdict, tmp_path)
    begun = time.perf_counter()
    made = Page(page.write(verdict, tmp_path))
    assert time.perf_counter() - begun < 0.1
    assert "Proven in Chainer" in made.text and "✗" not in made.text
    assert not [alt for alt in made.images() if "expected" in alt or "difference" in alt] and made.images()
    script = ("import sys\nfrom pathlib import Path\nfrom harness import tasks\nfrom harness.feedback import check\n"
              "from harness.feedback.shown import page\nfrom harness.runner.bench import PASSED\npath = Path(sys.argv[1])\n"
              "with check.worker('chainer', path.parent) as process:\n    verdict = check.check(process, tasks.load('vae'), path)\n"
              "assert verdict.state == PASSED\npage.write(verdict, path.parent)\n"
              "assert not {'autograd', 'matplotlib', 'PIL', 'jinja2', 'markupsafe', 'chainer'} & set(sys.modules)\n")
    subprocess.run([sys.executable, "-c", script, tmp_path / "vae_chainer.py"], cwd=ROOT, check=True, timeout=120)


def test_what_a_learner_wrote_is_text(tmp_path):
    verdict = checked(tmp_path, edit="kl-sign")
    verdict.file, verdict.printed = Path(NASTY), NASTY
    made = Page(page.write(verdict, tmp_path))
    shown = "<script>alert(1)</script>\u241b[31m\\u202e&\"'"
    assert made.text.count(shown) == 2
    assert "<script" not in made.source and not re.search("[\x1b\u202e]", made.source)


@pytest.mark.parametrize("value", ["float('nan')", "float('inf')", "1e200"])
def test_numbers_that_are_none(tmp_path, value):
    """... are drawn as far as they can be."""
    verdict = checked(tmp_path, edit=("F.sigmoid(self.decoder(z))", f"F.sigmoid(self.decoder(z)) * {value}"))
    made = Page(page.write(verdict, tmp_path))
    assert "decode, difference" in made.images() and ("not all are numbers" in made.text or "e+" in made.text)


def test_where_there_is_nothing_to_see(tmp_path):
    """The networks are other ones: no picture, and none of an earlier check is left."""
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "vae_chainer.png").write_bytes(b"old")
    verdict = checked(tmp_path, edit=("self.hidden = dense(pixels, hidden)", "self.hidden = dense(pixels, hidden + 1)"))
    path = page.write(verdict, tmp_path / "checks")
    assert beside.of(verdict) is None and not path.with_suffix(".png").exists()
    assert "not reached" in Page(path).text and "Losses" not in Page(path).text
