"""What a question says, free of frameworks: a task at one of its sizes, its networks, weights, cost and known mistakes.

    content          where questions/, answers/ and datasets/ are
    task             task.toml read: ``load`` one, ``names`` of all, ``named`` as one says it
    described        what a task.toml must say, and what is allowed
    question         its text, sections and hints
    network          the layers of a question's table, with the shapes of all parameters
    parameters       from the canonical layout to a framework's and back; initial weights
    initialization   are an answer's own initial weights as the question asks?
    cost             floating point operations of a training step
    mistakes         the named mistakes, and the edits that make them

May use nothing of the harness but ``messages``.
"""

from harness.tasks.content import ROOT, in_root, require_answers
from harness.tasks.task import (
           SIZES,
           Ability,
           AnswerError,
           Noise,
           Task,
           TaskError,
           answer_path,
           float32,
           load,
           load_all,
           named,
           names,
           plain,
           stub_path,
           trained_path,
           with_drafts,
)

__all__ = ["ROOT", "SIZES", "Ability", "AnswerError", "Noise", "Task", "TaskError", "answer_path", "float32", "in_root", "load",
           "load_all", "named", "names", "plain", "require_answers", "stub_path", "trained_path", "with_drafts"]
