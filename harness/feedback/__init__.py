"""What a learner's file is told: how far it is right, what is wrong, and why.

    check         start a process for a file, take it up the ladder, and make a verdict of what comes back
    ladder        the rungs: what the process is asked, and what it should have said
    order         in which order an answer declares its layers, where their shapes do not tell
    fingerprint   what an answer computes, in a few numbers
    diagnosis     from these numbers to the name of a mistake, or to facts
    watch         the same after each save
    verdict       what came of it, with its exit codes and its JSON
    display       the verdict on a terminal
    quote         the sentence of the question that is broken
    shown/        the words of a verdict, and its page: losses and pictures, mine beside expected

May use ``diagnosis``, ``runner``, ``lockstep``, ``work`` and what these may use.
"""
