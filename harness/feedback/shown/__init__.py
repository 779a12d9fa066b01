"""A verdict shown: the words, and beside them what there is to be seen.

    said      what is told, part by part: the same words on a terminal and on a page
    beside    what the abilities gave, beside what the question's program gives, as arrays
    strips    ... as pictures
    page      a page of a check: the words, the losses, the pictures
    trained   what a right answer makes after some seconds of training

May use what ``feedback`` may.
"""
