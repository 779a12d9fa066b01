"""Processes of their own for frameworks: start one, ask it for a job, hear what it says, notice when it dies or hangs.

    machine     cores, thread pools, memory
    worker      a process from the outside
    child       the same from the inside: one framework, and jobs on request
    wire        what they say to each other
    sandbox     what it is shut into, where a learner's code runs in it
    seccomp     the system calls that are refused there
    tree        it and all that it has started: what they take, how they end

A job is a function ``job(session, request) -> dict`` in the room that it belongs to, named "module:function" in the
request; nothing here knows one by name. May use ``frameworks`` and what that may use.
"""
