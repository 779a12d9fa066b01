"""The common harness: it gives every framework the same weights, batches and noise, and compares what comes out.

Rooms, from the top: each may use those below it, and none above.

    commands     the command line
    grades       what becomes of many verdicts: points, pages, other systems' formats
    grading      many submissions judged, from secret seeds
    views        a trained answer looked at and measured; what the notebooks show
    feedback     what a learner's file is told
    diagnosis    what a wrong answer computes, solved for
    runner       the process that runs a learner's code, from inside and outside
    lockstep     the proof that frameworks agree
    training     one answer in training
    pictures     pictures of arrays
    processes    frameworks in processes of their own
    work         a learner's folder
    frameworks   one adapter a framework
    data         what data sets share
    exact        what a question asks for, computed in NumPy
    tasks        what a question says

Neither do views and feedback use each other, nor runner and lockstep, nor pictures, processes and work, nor frameworks, data and exact;
pyproject.toml says it all to import-linter. Beside them: ``messages`` (what a user is told), and two modules that answers use:
``standalone``, ``chainer_numpy2``.
The content, questions/, answers/ and datasets/, is read by path (``tasks.content``).
"""

__version__ = "0.2.0"
