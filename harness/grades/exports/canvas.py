"""Canvas: a table for the import of its gradebook."""

from harness.grades.exports.shared import students
from harness.grades.grade import Grade
from harness.grades.text import number, table
from harness.grading.assignment import Assignment

COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


def canvas(grades: list[Grade], assignment: Assignment) -> dict[str, bytes]:
    """``grades.csv``: the columns above, then the assignment's, and a second row "Points Possible"
    (https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807;
    lib/gradebook_importer.rb of Canvas). Canvas looks for a student by ID, then SIS User ID, SIS Login ID, then by name. The ID
    is in the names of the files in its download of submissions, ``lastfirst_123_456_file.py``. A column of an unknown name
    makes a new assignment.
    """
    all_of = students(grades)
    rows = []
    for student in all_of:
        login = "" if student.number or " " in student.name else student.name
        rows.append([student.own_name, student.number, "", login, "", number(student.points)])
    possible = ["    Points Possible", "", "", "", "", number(max((student.possible for student in all_of), default=0.0))]
    return {"grades.csv": table([[*COLUMNS, assignment.name or "assignment"], possible, *rows])}
