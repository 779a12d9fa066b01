"""PrairieLearn: ``results.json`` of an external grader, one for each student and task."""

from harness.grades.exports.shared import dumped, tests, words
from harness.grades.grade import Grade
from harness.grades.text import file_names
from harness.grading.assignment import Assignment
from harness.pictures.page import visible
from harness.runner.bench import PASSED


def prairielearn(grades: list[Grade], assignment: Assignment) -> dict[str, bytes]:
    """``<student>/<task>/results.json`` of what was handed in, as https://prairielearn.readthedocs.io/en/latest/externalGrading/
    ("Grading results") has it: gradable, score from 0 to 1, message, output, images, tests. What does not load, or broke the
    grader, is not gradable there, and costs no attempt; ``format_errors`` says why. A file may have 1 MB; these have less.
    """
    names = file_names(grade.student for grade in grades)
    return {f"{names[grade.student]}/{grade.task}/results.json": dumped(_result(grade, assignment))
            for grade in grades if grade.result and grade.possible}


def _result(grade: Grade, assignment: Assignment) -> dict[str, object]:
    result = grade.result or {}
    if not result["rungs"] or result["rungs"][0]["status"] != PASSED:
        return {"gradable": False, "format_errors": [words(grade)]}
    return {
        "gradable": True, "score": min(1.0, grade.points / grade.possible), "message": words(grade), "output": visible(result["printed"]),
        "images": [{"label": f"{ability}, {whose}", "url": f"data:image/png;base64,{png}"}
                   for ability, both in result.get("pictures", {}).items() for whose, png in both.items()],
        "tests": [{"name": test.name, "description": test.says, "points": test.points, "max_points": test.possible, "message": test.output}
                  for test in tests(grade, assignment)]}
