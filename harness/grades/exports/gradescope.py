"""Gradescope: ``results.json`` of an autograder, one for each student."""

from harness.grades.exports.shared import dumped, students, tests, words
from harness.grades.grade import Grade
from harness.grades.text import file_names
from harness.grading.assignment import Assignment
from harness.runner.bench import PASSED


def gradescope(grades: list[Grade], assignment: Assignment) -> dict[str, bytes]:
    """``<student>/results.json``, as https://gradescope-autograders.readthedocs.io/en/latest/specs/ ("Output format") has it.

    A ``score`` at the top overrides the sum of the tests: it has the late penalty. Standard output is hidden from students, as
    it is there by default; what a student's code printed is not in it.
    """
    names = file_names(grade.student for grade in grades)
    return {f"{names[student.name]}/results.json": dumped({
        "score": student.points,
        "execution_time": round(sum(grade.seconds for grade in student.grades), 3),
        "output": "\n\n".join(map(words, student.grades)),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [{"name": f"{test.task}: {test.name}", "score": test.points, "max_score": test.possible,
                   "status": "passed" if test.status == PASSED else "failed", "output": test.output or test.says, "visibility": "visible"}
                  for grade in student.grades for test in tests(grade, assignment)],
    }) for student in students(grades)}
