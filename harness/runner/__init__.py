"""The process that runs a learner's code: it is asked for raw numbers, and never holds a right one.

    source      a learner's file
    bench       in that process: an answer built, and what can be asked of it
    tape        ... and what a training step computes on the way
    terminal    what it prints there, and asks for
    later       from the outside: what shows only in more steps or larger pictures than a check takes
    client      from the outside: the same questions, and whether what comes back can be an answer to them

May use ``training`` (of which ``contract`` alone) and what that may use.
"""
