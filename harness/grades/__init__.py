"""What becomes of results: grades, pages, and the formats of other systems.

May use ``grading`` and what that may use.
"""
