"""Many submissions, each with a verdict that cannot be forged.

    assignment   what is to be handed in, what it is worth, until when
    submission   one file of one student, with what lies beside it
    intake       from a folder, a zip or a table of files to submissions
    equal        submissions that are the same text, or ours
    oracle       the right numbers at weights, data and noise that nobody has seen
    judge        one submission: its verdict, its points, what its student is to read
    queue        all of them, on many cores, with every result written down at once
    cluster      the same on the machines of a Dask cluster

A result is a dict that JSON can hold, ``judge.Result``. May use ``feedback`` and what that may use.
"""
