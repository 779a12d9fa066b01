"""What students and instructors read: everything that is there to be read, nothing of others, and no text that is more than text."""

import html
import re
import sys
from html.parser import HTMLParser

import pytest
from sample_class import NASTY, judged_once, made, sample

from harness.frameworks import FRAMEWORKS
from harness.grades import overview, pages, table
from harness.grades.grade import grades
from harness.grading.assignment import Assignment
from harness.grading.equal import OURS
from harness.pictures.chart import chart
from harness.pictures.page import COLOURS

VOID = {"meta", "img", "br", "link", "input"}


class Page(HTMLParser):
    """Elements that are closed as they are opened, and the text between them."""

    def __init__(self, source):
        super().__init__()
        self.open, self.seen, self.said = [], [], []
        self.feed(source)
        assert not self.open
        self.text = re.sub(r"\s+", " ", " ".join(self.said))

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.said.append(data)


@pytest.fixture
def folder(tmp_path):
    it = sample()
    table.write(tmp_path, it.results, it.assignment, it.equal)
    return tmp_path


def read(folder, name):
    source = (folder / name).read_text(encoding="utf-8")
    return source, Page(source)


def of(folder, student):
    it = sample()
    names = pages_of(it)
    return read(folder, names[student])


def pages_of(it):
    from harness.grades.text import file_names
    return {student: f"pages/{name}.html" for student, name in file_names({r["student"] for r in it.results}).items()}


def test_a_page_needs_nothing_but_itself(folder):
    """No script, nothing that is fetched; a screen of any size, light or dark."""
    for path in [folder / "index.html", *(folder / "pages").iterdir()]:
        source, page = read(folder, path.relative_to(folder))
        tags = {tag for tag, _ in page.seen}
        assert not tags & {"script", "link", "iframe", "object", "form", "b<script>"}
        for _, attributes in page.seen:
            assert not any(name.startswith("on") for name in attributes)
            assert attributes.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")
            href = attributes.get("href")
            assert href is None or href.startswith("#") or (folder / href).is_file(), href
        assert "url(" not in source and "@import" not in source
        assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in page.seen
        assert "prefers-color-scheme: dark" in source and "max-width: 44rem" in source


def test_what_a_student_wrote_is_text(folder):
    """Markup, ANSI, NUL, marks of direction, half a surrogate pair: in the name, the file, what was printed, said, quoted."""
    source, page = of(folder, NASTY)
    shown = "<script>alert(1)</script>\u241b[31m\u2400\\u202e\\ud800&\"'</pre>"
    assert page.text.count(re.sub(r"\s+", " ", shown)) >= 8       # title, heading, file, message, facts, line, rungs, printed
    for path in [folder / "index.html", *(folder / "pages").iterdir()]:
        content = path.read_text(encoding="utf-8")
        assert "<script" not in content and not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\ud800-\udfff]", content)


def test_a_page_says_nothing_of_others(folder):
    it = sample()
    for student in pages_of(it):
        source, _ = of(folder, student)
        for other in pages_of(it):
            if other != student:
                assert html.escape(other.partition("\x1b")[0]) not in source, (student, other)
    assert "another submission" in of(folder, "Bob")[1].text and "another submission" in of(folder, NASTY)[1].text
    assert OURS in of(folder, "Ada Lovelace")[1].text and "more" not in of(folder, NASTY)[1].text.partition("Step by step")[0]


def test_what_a_student_reads(folder):
    page = of(folder, "Bob")[1]
    bob = judged_once()["Bob"]
    for text in ("5.4 of 20 points", "first losses : the losses of the first step are wrong", bob["rungs"][5]["facts"][0],
                 "The KL divergence has the wrong sign", bob["mistakes"][0]["explanation"], "10% of 6 points are taken off",
                 "Attempt 1 of 2 counts: the best", "1 / 1", "0 / 2", "not handed in", "Chainer", "vae_chainer.py", "attempt 2"):
        assert re.sub(r"\s+", " ", text) in page.text, text
    assert len([1 for tag, _ in page.seen if tag == "svg"]) == 3
    assert len([1 for tag, attributes in page.seen if tag == "img"]) == 6
    assert f"{bob['right_curves']['kl'][0]:.6g}" in page.text and f"{bob['curves']['kl'][0]:.6g}" in page.text
    page = of(folder, "Carol")[1]
    for text in ("VariationalAutoencoder", "What your code printed", "hello <b>\ufffd[31m", "not reached"):
        assert text in page.text
    assert "not a number" in of(folder, "Dan")[1].text
    assert "ask your instructor" in of(folder, "Eva Quist")[1].text and "log" not in of(folder, "Eva Quist")[1].text
    assert "nobody can say which task it answers" in of(folder, "Eva Quist")[1].text


def test_the_class_page(folder):
    source, page = read(folder, "index.html")
    links = {attributes["href"] for tag, attributes in page.seen if tag == "a"}
    assert set(pages_of(sample()).values()) | {"grades.csv", "grades.json"} <= links
    for text in ("Ada Lovelace", "Bob", "1 could not be graded", "<b>log</b>", "The KL divergence has the wrong sign", "first losses",
                 "Equal submissions", OURS, "The slowest", "Chainer", "broke the grader", "notes.py: nobody can say"):
        assert text in page.text, text


def test_findings():
    """A student counts once; two findings are two; what is not known is said so."""
    results = sample().results
    either = made(results[1], "Gus", framework="keras", mistakes=[{**results[1]["mistakes"][0], "title": title} for title in ("One", "Two")])
    said = {"kind": "loss", "yours": "", "question": "", "line": 0}
    solved = made(results[1], "Fay", mistakes=[], findings=[{**said, "place": "kl", "words": "a"}, {**said, "place": "z", "words": "b"}])
    found = {(f.rung, f.what): (f.students, f.frameworks) for f in overview.findings([*results, either, solved]) if f.task == "vae"}
    assert found["first losses", "The KL divergence has the wrong sign"] == (1, {"chainer": 1})
    assert found["first losses", "kl: a"] == found["first losses", "z: b"] == (1, {"chainer": 1})
    assert found["first losses", "One or: Two"] == (1, {"keras": 1})
    assert found["loads", "none of the known mistakes"] == (1, {"chainer": 1})
    assert not [f for f in overview.findings(results) if "broke" in f.what]


def test_groups_of_equal_submissions():
    results = [made(sample().results[0], name) for name in "ABCDE"]
    names = {result["student"]: result["name"] for result in results}
    equal = {names["A"]: ["B"], names["B"]: ["A", "C"], names["C"]: ["B", "and 7 more"], names["D"]: [OURS], names["E"]: []}
    assert overview.groups(results, equal) == [("vae", ["A", "B", "C"]), ("vae", ["D", OURS])]


def test_groups_of_a_large_class_cost_little():
    """Each names its twenty predecessors: a chain of 3,000. What were sets made anew for each is counted in steps, not in seconds."""
    chain = [f"{i:04}" for i in range(3000)]
    template = sample().results[0]
    results = [template | {"student": name, "name": name} for name in chain]
    equal = {name: chain[max(0, i - 20):i] for i, name in enumerate(chain)}
    steps = 0

    def count(*_):
        nonlocal steps
        steps += 1
        return count

    sys.settrace(count)
    try:
        found = overview.groups(results, equal)
    finally:
        sys.settrace(None)
    assert found == [("vae", chain)]
    assert steps < 3000 * 20 * 40


@pytest.mark.parametrize("yours, right", [
    ([1.0, float("nan"), 2.0], [1.0, 2.0, 3.0]), ([None, None], [1.0, 2.0]), ([float("inf")], [1.0]), ([1e308, -1e308], [1.0, 1.0]),
    ([0.0] * 5, [0.0] * 5), ([1e-320, 5.0], [3.0, 4.0]), ([], [2.0, 1.0]), ([5e299, 1.0], [1.0, 1.0]), ([-1.0], [1e20])])
def test_any_curve_can_be_drawn(yours, right):
    drawn = chart("<loss>", yours, right, "keras")
    page = Page(str(drawn))
    assert "nan" not in drawn.lower().replace("&lt;", "") and "inf" not in drawn.lower()
    for _, attributes in page.seen:
        for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", attributes.get("points", "")):
            assert 0 <= float(x) <= 340 and 0 <= float(y) <= 190
    assert "&lt;loss&gt;" in drawn


def test_both_curves_are_there_in_the_colour_of_the_framework(folder):
    source, page = of(folder, "Bob")
    lines = [attributes["class"] for tag, attributes in page.seen if tag == "polyline"]
    assert lines.count("right") == 3 and lines.count("yours chainer") == 3
    for name in FRAMEWORKS:
        assert f"--{name}: {COLOURS[name]};" in source


def test_every_state_has_a_page(tmp_path):
    from harness.grading.judge import STATES
    results = [made(sample().results[1], state, state=state) for state in STATES]
    table.write(tmp_path, results, Assignment(), {})
    text = read(tmp_path, "index.html")[1].text
    assert all(state in text for state in STATES)
    assert {grade.state for grade in grades(results, Assignment(), {})} == set(STATES) <= set(pages.SIGNS) & set(pages.KINDS)
