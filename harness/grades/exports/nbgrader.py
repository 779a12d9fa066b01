"""nbgrader: the table that ``nbgrader export`` writes."""

from datetime import UTC, datetime

from harness.grades.exports.shared import students
from harness.grades.grade import Grade
from harness.grades.text import table
from harness.grading.assignment import Assignment

COLUMNS = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
           "late_submission_penalty", "score", "max_score")


def nbgrader(grades: list[Grade], assignment: Assignment) -> dict[str, bytes]:
    """``grades.csv``, a row for each student: the columns of ``CsvExportPlugin`` (nbgrader/plugins/export.py;
    https://nbgrader.readthedocs.io/en/stable/plugins/export-plugin.html). Times are UTC without an offset, as its database has
    them; the penalty is in points; who handed nothing in has 0.0 and no timestamp.
    """
    due = _utc(assignment.deadline)
    return {"grades.csv": table([COLUMNS, *([
        assignment.name or "assignment", due, _utc(datetime.fromisoformat(student.submitted) if student.submitted else None),
        student.name, "", "", student.email, round(student.points + student.late, 6), student.late, student.points, student.possible]
        for student in students(grades))])}


def _utc(time: datetime | None) -> str:
    return str(time.astimezone(UTC).replace(tzinfo=None)) if time else ""
