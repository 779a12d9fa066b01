"""Otter-Grader: the table that ``otter grade`` writes."""

from harness.grades.exports.shared import students
from harness.grades.grade import NOT_HANDED_IN, Grade
from harness.grades.text import table
from harness.grading.assignment import Assignment
from harness.grading.judge import BROKE

FIRST, LAST = "points-per-question", ("total_points_earned", "percent_correct", "grading_status")


def otter(grades: list[Grade], assignment: Assignment) -> dict[str, bytes]:
    """``final_grades.csv`` (https://otter-grader.readthedocs.io/en/latest/workflow/executing_submissions/otter_grade.html, and
    otter/grade/utils.py): a first row of what each question is worth, then a row for each student, by name. A question is a
    task; ``file`` is the student; the share that is right goes from 0 to 1.
    """
    worth = {grade.task: grade.possible for grade in grades if grade.possible}
    questions = sorted(worth)
    rows: list[list[object]] = [[FIRST, *(worth[task] for task in questions), sum(worth.values()), 1, "--"]]
    for student in sorted(students(grades), key=lambda student: student.name):
        points = {grade.task: grade.points for grade in student.grades}
        states = {grade.state for grade in student.grades}
        status = BROKE if BROKE in states else "Completed" if states - {NOT_HANDED_IN} else NOT_HANDED_IN
        rows.append([student.name, *(points.get(task, 0.0) for task in questions), student.points,
                     student.points / sum(worth.values()) if worth else 0.0, status])
    return {"final_grades.csv": table([["file", *questions, *LAST], *rows])}
