"""GitHub Classroom: the output ``result`` of a runner, one for each student."""

import base64

from harness.grades.exports.shared import Student, dumped, students, tests, words
from harness.grades.grade import Grade
from harness.grades.text import file_names
from harness.grading.assignment import Assignment
from harness.runner.bench import PASSED, WRONG


def classroom(grades: list[Grade], assignment: Assignment) -> dict[str, bytes]:
    """``<student>.txt``: base64 of JSON, what https://github.com/classroom-resources/autograding-grading-reporter takes in the
    environment variable ``<RUNNER>_RESULTS`` (its README, and src/main.js, src/notify-classroom.js): version, status, max_score,
    tests with name, status ("pass", "fail", "error"), message, score. It adds the scores up, so each has its share of the late
    penalty. What was not handed in is a test of its own.
    """
    names = file_names(grade.student for grade in grades)
    return {f"{names[student.name]}.txt": base64.b64encode(dumped(_result(student, assignment))) for student in students(grades)}


def _result(student: Student, assignment: Assignment) -> dict[str, object]:
    found = []
    for grade in student.grades:
        rungs = [_test(f"{test.task}: {test.name}", "pass" if test.status == PASSED else "fail" if test.status in ("", WRONG) else "error",
                       test.output, test.points * (1 - grade.late)) for test in tests(grade, assignment)]
        found += rungs or [_test(grade.task or "a file", "error" if grade.result else "fail", words(grade), grade.points)]
    statuses = {test["status"] for test in found}
    return {"version": 1, "status": "error" if "error" in statuses else "fail" if "fail" in statuses else "pass",
            "max_score": student.possible, "tests": found}


def _test(name: str, status: str, message: str, score: float) -> dict[str, object]:
    return {"name": name, "status": status, "message": None if status == "pass" else message, "test_code": "", "filename": "",
            "line_no": 0, "execution_time": 0, "score": round(score, 6)}
