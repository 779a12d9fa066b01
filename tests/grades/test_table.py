"""From results to grades: which attempt counts, what it is worth; a table that no spreadsheet takes for formulas; JSON by its schema."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest
from conftest import ROOT
from sample_class import NASTY, judged_once, made, sample

from harness.grades import table
from harness.grades import text as texts
from harness.grades.grade import NOT_HANDED_IN, as_csv, grades
from harness.grades.text import cell, file_names, read_table, text_of
from harness.grading.assignment import Assignment
from harness.grading.equal import OURS
from harness.grading.judge import STATES
from harness.pictures.page import visible

SCHEMA = json.loads((ROOT / "harness" / "grades" / "grades.schema.json").read_text(encoding="utf-8"))
DANGEROUS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "'=1", "''=1", "\uff1d1", "=HYPERLINK(\"http://x\",\"y\")"]


def points(found, student, task):
    return next(grade for grade in found if (grade.student, grade.task) == (student, task))


def test_the_judge_says_what_pages_need():
    """Pictures of each ability that gives images; no path of this machine; all of it small."""
    judged = judged_once()
    assert {student: result["state"] for student, result in judged.items()} == {
        "Ada Lovelace": "passed", "Bob": "wrong", "Carol": "wrong", "Dan": "wrong"}
    assert set(judged["Ada Lovelace"]["pictures"]) == {"decode", "reconstruct", "generate"}
    for both in judged["Ada Lovelace"]["pictures"].values():
        assert both["yours"] == both["right"] and both["right"].startswith("iVBOR")
    assert any(both["yours"] != both["right"] for both in judged["Bob"]["pictures"].values())
    assert judged["Carol"]["pictures"] == {}
    for result in judged.values():
        assert len(json.dumps(result)) < 200_000 and "/submission-" not in json.dumps(result)


def test_a_grade_for_each_student_and_task():
    it = sample()
    found = grades(it.results, it.assignment, it.equal)
    assert [(grade.student, grade.task) for grade in found] == sorted(
        ((grade.student, grade.task) for grade in found), key=lambda pair: (pair[0], ["vae", "ae", ""].index(pair[1])))
    assert points(found, "Ada Lovelace", "vae").points == 10 and points(found, "Ada Lovelace", "vae").possible == 10
    missing = points(found, "Ada Lovelace", "ae")
    assert (missing.state, missing.points, missing.possible, missing.attempt, missing.result) == (NOT_HANDED_IN, 0, 10, 0, None)
    bob = points(found, "Bob", "vae")
    assert (bob.points, bob.raw, bob.late, bob.attempt, bob.attempts) == (pytest.approx(5.4), 6, pytest.approx(0.1), 1, 2)
    assert bob.mistakes == ("kl-sign",) and bob.equal == (NASTY,)
    assert points(found, "Ada Lovelace", "vae").equal == (OURS,)
    unknown = points(found, "Eva Quist", "")
    assert (unknown.points, unknown.possible, unknown.state) == (0, 0, "raised")


def test_attempts():
    """The best or the last of the first so many, by time, whatever their numbers and frameworks."""
    results = sample().results
    wrong, right = results[1], results[0]
    all_of = [made(right, "Zoe", attempt=1, framework="keras", submitted="2026-01-03T00:00:00+00:00"),
              made(wrong, "Zoe", attempt=1, submitted="2026-01-04T00:00:00+00:00"),
              made(wrong, "Zoe", attempt=2, submitted="2026-01-02T00:00:00+09:00")]
    for more, framework, worth in (({"counts": "best"}, "keras", 10), ({"counts": "last"}, "chainer", 6), ({"attempts": 2}, "keras", 10),
                                   ({"attempts": 1}, "chainer", 6), ({"attempts": 2, "counts": "last"}, "keras", 10)):
        grade, = grades(all_of, Assignment(**more), {})
        assert (grade.framework, grade.points, grade.attempts, len(grade.others)) == (framework, worth, 3, 2), more
    late = Assignment(deadline=datetime.fromisoformat("2026-01-02T12:00:00+00:00"), penalty=(0.5, 1.0))
    grade, = grades(all_of, late, {})       # 6 in time is better than 10 late
    assert (grade.points, grade.late, grade.attempt) == (6, 0, 2)


def test_only_what_was_asked_for_has_points():
    results = sample().results
    grade = points(grades(results[:1], Assignment(tasks=("ae",)), {}), "Ada Lovelace", "vae")
    assert (grade.points, grade.possible, grade.state) == (0, 0, "passed")


def test_our_name_for_our_answer():
    assert OURS == "the reference answer"


@pytest.mark.parametrize("text", [*DANGEROUS, "", "-", "--", "'", "'t Hooft", "Ada", "a\nb", "a,\"b\"", "'-", "\x1b[31m"])
def test_no_cell_is_a_formula_and_all_are_read_back(text):
    safe = cell(text)
    assert text_of(safe) == text or text == "'-"
    assert safe.strip("-") == "" or safe.lstrip()[0] not in "=+-@\uff1d"
    seen = text.replace("\r", "\u240d").replace("\x1b", "\u241b")
    assert read_table(texts.table([["a", "b"], [text, 1]], mark=True)) == [{"a": seen, "b": "1"}] or text == "'-"


def test_the_csv_is_read_back():
    it = sample()
    found = grades([*it.results, *(made(it.results[0], name) for name in DANGEROUS)], it.assignment, it.equal)
    rows = read_table(as_csv(found))
    assert [row["student"] for row in rows] == [visible(grade.student.replace("\r", "\u240d")) for grade in found]
    assert [float(row["points"]) for row in rows] == [grade.points for grade in found]
    assert {row["state"] for row in rows} <= {*STATES, NOT_HANDED_IN}
    bob = next(row for row in rows if row["student"] == "Bob" and row["task"] == "vae")
    assert bob["mistakes"] == "kl-sign" and bob["late"] == "0.1" and bob["framework"] == "chainer"


def test_the_json_is_as_its_schema_says(tmp_path):
    """Losses that are not finite are null, and nothing else that JSON does not know is in it."""
    it = sample()
    grades = table.write(tmp_path, it.results, it.assignment, it.equal)
    text = (tmp_path / "grades.json").read_text(encoding="utf-8")
    found = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(found, SCHEMA)
    assert len(found["grades"]) == len(grades) and len(found["results"]) == len(it.results)
    assert None in next(result for result in found["results"] if result["student"] == "Dan")["curves"]["loss"]
    for grade in found["grades"]:
        assert (tmp_path / grade["page"]).is_file()


def test_an_empty_grading(tmp_path):
    assert table.write(tmp_path, [], Assignment(), {}) == []
    assert (tmp_path / "index.html").is_file()


def test_file_names():
    """No path, no device of Windows, no two the same, also where capitals do not count; a plain name stays."""
    students = ["ada", "Ada", "../../etc/passwd", "/abs", "..", ".", "", "a/b", "a\\b", "a b", "a_b", "CON", "nul.txt", "x" * 300, "\u5c71\u7530",
                "\u7530\u5c71", NASTY, "-rf", "a.", "\x00", "file-", "con"]
    trap = file_names(["a/b"])["a/b"]           # a student who is called as another's file
    names = file_names([*students, trap])
    assert set(names) == {*students, trap} and len({name.lower() for name in names.values()}) == len(names)
    for name in names.values():
        assert Path(name).name == name and name.isascii() and not name.startswith((".", "-")) and len(name) < 100
        assert name.partition(".")[0].lower() not in ("con", "nul")
    assert names["a_b"] == "a_b" and names[trap] == trap
    assert file_names(reversed(students)) == file_names(students)


def test_what_cannot_be_seen_is_shown():
    assert visible("a\r\nb\rc\td") == "a\nb\nc\td"
    assert visible(NASTY) == "<script>alert(1)</script>\u241b[31m\u2400\\u202e\\ud800&\"'</pre>"
    assert visible("\u5c71\u7530 \u05e9\u05dc\u05d5\u05dd \U0001f468\u200d\U0001f469") == "\u5c71\u7530 \u05e9\u05dc\u05d5\u05dd \U0001f468\u200d\U0001f469"


def test_a_grade_can_be_made_of_other_points():
    """Results have no points: the same results are worth what the assignment says."""
    results = sample().results
    grade, = grades(results[:1], replace(Assignment(), points={"loads": 2.5}), {})
    assert (grade.points, grade.possible) == (2.5, 2.5)
