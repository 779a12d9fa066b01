"""Pictures of arrays: what can be drawn without knowing where the numbers came from.

    arrays   images from what an answer gives: rows, sheets, mosaics, animations (Pillow)
    plots    what has axes or words: curves, points, rows with names (Matplotlib, without a screen)

May use ``tasks`` and ``data``.
"""
