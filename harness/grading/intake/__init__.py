"""From what an instructor has - a folder, a zip, a table - to submissions.

    find       which task and framework each file answers, what lies beside it, which attempt it is
    layouts    whose each file is, in the layouts of the systems that give them out
    table      the same from a table (CSV)
    reading    folders and zips that cannot be trusted, listed and read
    times      when something was handed in

Every student who is known appears: what cannot be graded becomes a submission with a ``problem``.
"""

from harness.grading.intake.find import submissions

__all__ = ["submissions"]
