"""What Sphinx is told: ``conf`` its settings, ``katex`` formulas, ``languages`` a page's language and its other one.

May use ``harness``.
"""
