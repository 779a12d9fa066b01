"""What Sphinx is told: ``conf`` its settings, ``katex`` formulas, ``languages`` a page's language and its other one (``head.js``).

May use ``harness``.
"""
