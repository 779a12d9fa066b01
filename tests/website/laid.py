"""What several tests read: all answers of a task, cut into parts."""

import functools

from harness import tasks
from harness.frameworks import FRAMEWORKS
from website.align.parts import Answer


@functools.cache
def answers(name):
    """By framework."""
    task = tasks.load(name, "full")
    return {f: Answer(tasks.answer_path(task, f).read_text(encoding="utf-8"), task) for f in FRAMEWORKS}
