"""Two answers laid beside each other by their structure, as Python's syntax tree has it; no framework is known by name here.

    parts       an answer cut into its common parts: networks, optimizers, losses, training step, abilities
    likeness    how like two lines are, from the names and numbers in them
    beside      the lines of two parts in rows, and what differs in a row
    notes       what a question says of the frameworks' differences, at the lines that it is about

May use ``harness``.
"""
