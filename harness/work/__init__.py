"""A learner's folder: what is begun there, where it is, how far it is.

    stub       from an answer to what a learner begins with
    notebook   the same as a notebook, and a notebook read back
    actions    begin, begin afresh, take a hint, see the solution
    files      finding a file from as little as was said, writing one
    progress   what was started, tried and solved
    release    what students are given: an edition without answers, a course for nbgrader
    edition    what an edition says of itself
    nbgrader   a task as a notebook that nbgrader releases and grades

May use ``frameworks`` (their names), ``data``, ``tasks``.
"""
