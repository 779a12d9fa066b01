"""Answers in this process, to be asked at weights and batches of a test's choice: for the tests of recording and diagnosis."""

import functools

import numpy as np

from harness import tasks
from harness.diagnosis.subject import Subject
from harness.feedback.diagnosis import data_path
from harness.frameworks import LAYOUTS
from harness.runner.client import Here, Runner
from harness.tasks import parameters
from harness.training.batches import Batches
from harness.training.contract import Asked

here = functools.cache(Here)            # one of each framework: it imports it


def subject(name, framework, source=None):
    """The reference answer to a question, or one with another ``source``, with the question's initial weights."""
    task, layout = tasks.load(name), LAYOUTS[framework]
    with np.load(data_path(task)) as data:
        native, canonical = (Batches(task, data["images"], data["labels"], data.get("masks"), seed=0, precision="float64", layout=of)
                             for of in (layout, "NCHW"))
    path = tasks.answer_path(task, framework)
    runner = Runner(here(framework), Asked.by(task))
    runner.load(path, path.read_bytes() if source is None else source.encode(), path.parent, None, True)
    runner.networks()
    begin = parameters.initial(task.networks, task.initializers, 0)
    made = Subject(task, runner, layout, native, canonical)
    runner.begin({n: [np.ascontiguousarray(parameters.to_native(p, begin[p.name], layout)) for p in of] for n, of in made.specs.items()})
    return made
