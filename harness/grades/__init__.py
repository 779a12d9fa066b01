"""What becomes of results: grades, pages, and the formats of other systems.

    table      a list of grades, and everything in a folder: ``write``
    grade      from results to a grade: which attempt counts, what it is worth; grades.csv
    overview   what a class has in common: mistakes, equal submissions, time
    pages      a page for each student, and one of the class; ``templates/`` has their words
    text       what students write, made safe for a table and for a file's name
    exports/   the same grades as other systems read them

May use ``grading`` and what that may use.
"""
