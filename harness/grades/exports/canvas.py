"""Canvas: a table for the import of its gradebook."""

from harness.grades.exports.shared import students
from harness.grades.grade import Grade
from harness.grades.text import number, table
from harness.grading.assignment import Assignment

COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


def canvas(grades: list[Grade], assignment: Assignment) -> dict[str, bytes]:
    """``grades.csv``: the columns above, then the assignment's, and a second row "Points Possible"
    (https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807;
    lib/gradebook_importer.rb of Canvas). Canvas looks for a student by ID, then SIS User ID, SIS Login ID, then by name: a
    name that is a number stands as ID, one without spaces as login, too. A column of an unknown name makes a new assignment.
    """
    all_of = students(grades)
    rows = [[student.name, student.name if student.name.isdecimal() else "", "", "" if " " in student.name else student.name, "",
             number(student.points)] for student in all_of]
    possible = ["    Points Possible", "", "", "", "", number(max((student.possible for student in all_of), default=0.0))]
    return {"grades.csv": table([[*COLUMNS, assignment.name or "assignment"], possible, *rows])}
