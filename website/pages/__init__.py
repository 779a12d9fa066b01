"""Pages written as Markdown, one file a kind; each gives ``{name of the page: text}``.

    home      the first page, and the path as a map of stations
    task      a question in one language, with hints, answers
    side      the answers side by side
    lockstep  the curves and the table of agreement
    museum    the named mistakes
    pieces    templates filled, code in colour
    reading   docs/ and notebooks/

May use ``website.align``, ``website.markdown``, ``website.repository`` and ``harness``.
"""
