"""Why an answer is wrong: what it computes is solved for, beside the question's own computation in NumPy.

    investigation    all of it, one mistake after the other
    chance           random numbers of the answer's own
    subject          the answer, asked at weights and batches of the judge's choice
    tape             what a recorded step computed, looked up by numbers
    walk             the question's step beside the answer's
    departures       ... where the two part, and what is said where nothing explains it
    networks         a layer that parts: which other one is it?
    formulas         a loss or a value that parts: which formula is it?
    updates          an optimizer's step that parts, or running averages
    finding          one mistake that was found

May use ``runner``, ``exact`` and what these may use.
"""
