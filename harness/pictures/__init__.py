"""Pictures of arrays, and pages around them: what can be drawn without knowing where the numbers came from.

    arrays   images from what an answer gives: rows, sheets, mosaics, animations
    png      ... as files and in pages, and as text on a terminal
    plots    what has axes or words: curves, points, rows with names (Matplotlib, without a screen)
    page     the frame and the looks (``style.css``) of a page that needs nothing but itself, and text in it
    chart    a loss curve beside the right one, as SVG for a page

May use ``tasks`` and ``data``.
"""
