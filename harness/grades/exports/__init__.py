"""The same grades as other systems read them: ``FORMATS``, each a function of grades and assignment that gives files by name.

    gradescope, classroom, prairielearn   a result for each student, as an autograder of theirs would write it
    nbgrader, otter, moodle, canvas       a table of all
    shared                                what several say

Nothing here says whom a submission is equal to, and no number is other than finite. Of a number that is told to a student
nothing is secret: pages have the same.
"""

from collections.abc import Callable

from harness.grades.exports.canvas import canvas
from harness.grades.exports.classroom import classroom
from harness.grades.exports.gradescope import gradescope
from harness.grades.exports.moodle import moodle
from harness.grades.exports.nbgrader import nbgrader
from harness.grades.exports.otter import otter
from harness.grades.exports.prairielearn import prairielearn
from harness.grades.grade import Grade
from harness.grading.assignment import Assignment

FORMATS: dict[str, Callable[[list[Grade], Assignment], dict[str, bytes]]] = {
    "gradescope": gradescope, "classroom": classroom, "nbgrader": nbgrader, "otter": otter, "moodle": moodle, "canvas": canvas,
    "prairielearn": prairielearn}
