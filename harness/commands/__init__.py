"""The command line, ``workbook`` or ``python -m harness``: one file a command, in the order of a day's work.

    prepare   list, data, install
    learn     question, start, check, watch, hint, solution, progress, reset
    make      train, explore, evaluate
    prove     compare, trace
    teach     release
    teach     grade

Each reads its options, calls one function of a room below, and shows what it gave. ``terminal`` has what all share, and
``console`` where they print, on terminals of any width.
May use every room; none uses this one.
"""

from harness.commands.order import app, main

__all__ = ["app", "main"]
