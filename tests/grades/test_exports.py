"""Each export against the words of its system's documentation, or the program that reads or writes it where that is installed."""

import base64
import csv
import io
import json
import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sample_class import NASTY, made, sample

from harness.feedback.ladder import RUNGS
from harness.grades.exports import FORMATS, shared
from harness.grades.grade import grades
from harness.grades.text import file_names
from harness.grading.assignment import Assignment
from harness.grading.judge import POINTS
from harness.runner.bench import PASSED, WRONG


def exported(format, results=None, **other):
    it = sample()
    assignment = replace(it.assignment, **other)
    return FORMATS[format](grades(it.results if results is None else results, assignment, it.equal), assignment)


def parsed(content):
    return json.loads(content, parse_constant=lambda name: pytest.fail(name))


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def leaves(value):
    if isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from leaves(entry)
    else:
        yield value


def is_number(cell):
    return isinstance(_number(cell), float)


@pytest.mark.parametrize("name", FORMATS)
def test_names_of_files_and_numbers_are_safe(name):
    """Nothing leaves its folder, no number is other than finite, nobody is told whom a submission is equal to; nothing is no error."""
    results = sample().results
    results[0]["seconds"] = math.nan
    for file, content in exported(name, results).items():
        assert file.isascii() and ".." not in file and not file.startswith("/") and isinstance(content, bytes)
        text = base64.b64decode(content).decode() if name == "classroom" else content.decode()
        if file.endswith(".csv"):
            numbers = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row if is_number(cell)]
        else:
            numbers = [value for value in leaves(parsed(text)) if isinstance(value, float)] or [0]
        assert numbers and all(math.isfinite(float(value)) for value in numbers)
        assert "reference answer" not in text and "and 3 more" not in text and "\x1b" not in text and "\x00" not in text
    assert isinstance(exported(name, []), dict)


def test_gradescope():
    """https://gradescope-autograders.readthedocs.io/en/latest/specs/: score, execution_time, output, visibility, stdout_visibility,
    tests; of each test score, max_score, name, output, visibility."""
    found = exported("gradescope")
    assert set(found) == {f"{name}/results.json" for name in file_names(result["student"] for result in sample().results).values()}
    bob = parsed(found["Bob/results.json"])
    assert bob["score"] == pytest.approx(5.4) and bob["stdout_visibility"] == "hidden" and bob["visibility"] == "visible"
    assert isinstance(bob["execution_time"], float) and "The KL divergence has the wrong sign" in bob["output"]
    assert sum(test["score"] for test in bob["tests"]) == 6 and sum(test["max_score"] for test in bob["tests"]) == 10
    assert {test["name"]: (test["score"], test["max_score"], test["status"]) for test in bob["tests"]}["vae: first losses"] == (0, 2, "failed")
    for content in found.values():
        for test in parsed(content)["tests"]:
            assert set(test) == {"score", "max_score", "name", "status", "output", "visibility"} and test["visibility"] == "visible"
            assert test["output"] and 0 <= test["score"] <= test["max_score"]


def test_github_classroom():
    """What src/main.js and src/notify-classroom.js of classroom-resources/autograding-grading-reporter do with it."""
    found = exported("classroom")
    for content in found.values():
        content.decode("ascii")
    told = {file: parsed(base64.b64decode(content, validate=True)) for file, content in found.items()}
    bob = told["Bob.txt"]
    assert set(bob) == {"version", "status", "max_score", "tests"} and bob["version"] == 1
    assert (bob["status"], bob["max_score"]) == ("fail", 20) and sum(test["score"] for test in bob["tests"]) == pytest.approx(5.4)
    assert {test["status"] for test in bob["tests"]} == {"pass", "fail"} and bob["tests"][0]["message"] is None
    assert told[next(file for file in told if file.startswith("Eva"))]["status"] == "error"
    right = exported("classroom", [made(sample().results[0], "A"), made(sample().results[0], "A", task="ae")])["A.txt"]
    assert parsed(base64.b64decode(right))["status"] == "pass"


def test_prairielearn():
    """https://prairielearn.readthedocs.io/en/latest/externalGrading/, "Grading results": score from 0 to 1, unless it is not gradable."""
    found = exported("prairielearn")
    bob = parsed(found["Bob/vae/results.json"])
    assert bob["gradable"] is True and bob["score"] == pytest.approx(0.54) and len(bob["tests"]) == len(RUNGS)
    assert bob["tests"][5] | {"message": ""} == {
        "name": "first losses", "description": "the losses of the first training step are right", "points": 0, "max_points": 2, "message": ""}
    assert "expected" in bob["tests"][5]["message"] and bob["images"][0]["url"].startswith("data:image/png;base64,iVBOR")
    assert "Bob/ae/results.json" not in found                               # nothing was handed in
    assert parsed(found["Carol/vae/results.json"])["gradable"] is False     # it does not load
    assert all(len(content) < 1_000_000 for content in found.values())
    for content in map(parsed, found.values()):
        assert 0 <= content["score"] <= 1 if content["gradable"] else content["format_errors"]


def test_nbgrader():
    rows = rows_of(exported("nbgrader")["grades.csv"])
    assert list(rows[0]) == ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
                             "late_submission_penalty", "score", "max_score"]
    bob = next(row for row in rows if row["student_id"] == "Bob")
    assert (bob["duedate"], bob["timestamp"]) == ("2026-12-01 14:59:00", "2026-12-02 03:00:00")
    assert float(bob["raw_score"]) - float(bob["late_submission_penalty"]) == pytest.approx(float(bob["score"])) == pytest.approx(5.4)
    eva = next(row for row in rows if row["student_id"] == "Eva Quist")
    assert (eva["timestamp"], eva["score"], eva["max_score"]) == ("", "0.0", "20.0")


def test_nbgrader_itself_writes_the_same(tmp_path):
    """Its own exporter, given a gradebook that says what our grades say."""
    export = pytest.importorskip("nbgrader.plugins.export")
    ours = exported("nbgrader", sample().results[:2], name="sheet")["grades.csv"].decode()
    rows = rows_of(ours.encode())
    submissions = {row["student_id"]: SimpleNamespace(timestamp=row["timestamp"], score=float(row["raw_score"]),
                                                      late_submission_penalty=float(row["late_submission_penalty"])) for row in rows}
    book = SimpleNamespace(
        assignments=[SimpleNamespace(name="sheet", duedate=rows[0]["duedate"], max_score=20.0)],
        students=[SimpleNamespace(id=name, last_name=None, first_name=None, email=None) for name in submissions],
        find_submission=lambda assignment, student: submissions[student])
    plugin = export.CsvExportPlugin()
    plugin.to = str(tmp_path / "theirs.csv")
    plugin.export(book)
    assert (tmp_path / "theirs.csv").read_text().splitlines() == ours.splitlines()


def test_otter():
    found = rows_of(exported("otter")["final_grades.csv"])
    assert list(found[0]) == ["file", "ae", "vae", "total_points_earned", "percent_correct", "grading_status"]
    assert list(found[0].values()) == ["points-per-question", "10.0", "10.0", "20.0", "1", "--"]
    bob = next(row for row in found if row["file"] == "Bob")
    assert float(bob["percent_correct"]) == pytest.approx(0.27) and bob["grading_status"] == "Completed"
    assert [row["file"] for row in found[1:]] == sorted(row["file"] for row in found[1:])


def test_otter_itself_writes_the_same():
    utils = pytest.importorskip("otter.grade.utils")
    ours = exported("otter", sample().results[:2])["final_grades.csv"].decode()

    def scores(row):
        each = {task: {"score": float(row[task]), "possible": 10.0} for task in ("ae", "vae")}
        return SimpleNamespace(to_dict=lambda: each, has_catastrophic_failure=lambda: False, possible=20.0, file=row["file"],
                               total=float(row["total_points_earned"]), percent=float(row["percent_correct"]))
    theirs = utils.merge_scores_to_df([scores(row) for row in rows_of(ours.encode())[1:]]).to_csv(index=False)
    assert [[_number(cell) for cell in row] for row in csv.reader(theirs.splitlines())] == \
        [[_number(cell) for cell in row] for row in csv.reader(ours.splitlines())]


def _number(cell):
    try:
        return float(cell)
    except ValueError:
        return cell


def test_moodle():
    """mod/assign/feedback/offline/importgradeslib.php: it wants Identifier, Grade, Last modified (grade), takes the number after
    "Participant ", and the feedback as HTML."""
    results = [made(sample().results[0], "Ada Lovelace_123"), made(sample().results[1], "bob@example.org"), *sample().results]
    rows = rows_of(exported("moodle", results)["grades.csv"])
    assert {"Identifier", "Full name", "Email address", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments"} <= set(rows[0])
    ada = next(row for row in rows if row["Identifier"])
    assert (ada["Identifier"], ada["Full name"], ada["Grade"], ada["Maximum Grade"]) == ("Participant 123", "Ada Lovelace", "10", "20")
    bob = next(row for row in rows if row["Email address"])
    assert (bob["Email address"], bob["Grade"], bob["Last modified (grade)"]) == ("bob@example.org", "5.4", "-")
    for row in rows:
        assert "<script" not in row["Feedback comments"] and 0 <= float(row["Grade"]) <= float(row["Maximum Grade"])
    assert "&lt;script&gt;" in next(row for row in rows if row["Full name"].startswith("<script"))["Feedback comments"]


def test_canvas():
    """lib/gradebook_importer.rb: Student and ID first, SIS User ID and SIS Login ID, Section last before the assignments; a row whose
    first cell has "Points Possible"; a student is looked for by ID, then by login, then by name."""
    results = [made(sample().results[0], "lovelaceada_4711"), made(sample().results[1], "bob")]
    rows = list(csv.reader(io.StringIO(exported("canvas", results, name="Sheet 3")["grades.csv"].decode(), newline="")))
    assert rows == [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Sheet 3"], ["    Points Possible", "", "", "", "", "20"],
                    ["bob", "", "", "bob", "", "5.4"], ["lovelaceada", "4711", "", "", "", "10"]]


@pytest.mark.parametrize("name", ["nbgrader", "otter", "moodle", "canvas"])
def test_no_cell_is_a_formula(name):
    results = [made(sample().results[1], student, message="=1+1", facts=["@x"]) for student in ("=1+1", "-2", "@x", "+1", NASTY)]
    content, = exported(name, results).values()
    for row in csv.reader(io.StringIO(content.decode("utf-8"), newline="")):
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "@", "-")) or cell.strip("-") == "", cell


def test_rungs_of_an_export_are_worth_what_the_grade_says():
    """Abilities that are right after a wrong training count nowhere."""
    result = dict(next(result for result in sample().results if len(result["rungs"]) == len(RUNGS)))
    result["rungs"] = [{**rung, "status": WRONG if rung["name"] == "curve" else PASSED} for rung in result["rungs"]]
    result["submitted"] = None
    assert [rung["name"] for rung in result["rungs"]] == list(RUNGS)
    (grade,) = grades([result], Assignment(), {})
    told = list(shared.tests(grade, Assignment()))
    assert sum(test.points for test in told) == grade.points == sum(POINTS.values()) - POINTS["curve"] - POINTS["abilities"]
