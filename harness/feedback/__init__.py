"""What a learner's file is told: how far it is right, what is wrong, and why.

    check         take a file up the ladder in a worker, and make a verdict of what comes back
    ladder        the rungs, in the worker
    terminal      what an answer prints, and asks for, there
    fingerprint   what an answer computes, in a few numbers
    diagnosis     from these numbers to the name of a mistake, or to facts
    watch         the same after each save
    verdict       what came of it, with its exit codes and its JSON
    display       the verdict on a terminal

May use ``lockstep``, ``work`` and what these may use.
"""
