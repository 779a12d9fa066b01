"""Moodle: the offline grading worksheet of an assignment."""

import html

from harness.grades.exports.shared import students, words
from harness.grades.grade import Grade
from harness.grades.text import number, table
from harness.grading.assignment import Assignment

COLUMNS = ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed",
           "Last modified (submission)", "Last modified (grade)", "Feedback comments")


def moodle(grades: list[Grade], assignment: Assignment) -> dict[str, bytes]:
    """``grades.csv``, for "Upload grading worksheet" (https://docs.moodle.org/en/Assignment_settings, "Offline grading worksheet").

    Moodle asks for Identifier, Grade and Last modified (grade), and takes the number after "Participant " for who it is
    (mod/assign/feedback/offline/importgradeslib.php). The number is in the name of a student's folder in its download of all
    submissions, ``Name_123_assignsubmission_file``; without it, the gradebook's import takes the same table, by Full name
    or Email address (https://docs.moodle.org/en/Grade_import). Feedback is shown as HTML, so it is escaped.
    """
    rows = []
    for student in students(grades):
        rows.append([f"Participant {student.number}" if student.number else "", "" if student.email else student.own_name, student.email,
                     "Submitted for grading" if student.handed_in else "No submission", number(student.points),
                     number(student.possible), "Yes", student.submitted or "-", "-",
                     "<br>".join(html.escape(line) for grade in student.grades for line in words(grade).split("\n"))])
    return {"grades.csv": table([COLUMNS, *rows])}
