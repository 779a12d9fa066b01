"""What an answer's abilities gave, beside what the question's program gives of the same inputs."""

from dataclasses import dataclass

import numpy as np

from harness.feedback import fingerprint
from harness.feedback.ladder import Ladder
from harness.feedback.verdict import Verdict
from harness.frameworks import Arrays
from harness.runner.bench import PASSED, WRONG
from harness.tasks import parameters
from harness.training.batches import Batches

BEFORE, AFTER = "forward", "abilities"      # the rungs at which abilities are asked


@dataclass(frozen=True)
class Beside:
    """``rung``: where the abilities were asked; ``yours``: what each gave, canonical; ``expected``: of those that are wrong, what the
    question's program gives. What is not there is right: it is as yours."""

    rung: str
    yours: Arrays
    expected: Arrays


def of(verdict: Verdict) -> Beside | None:
    """At the first rung whose numbers are wrong; of a right answer, at the last. None where no ability came so far, or where it is
    not known what should have come."""
    ladder, asked = verdict.ladder, {rung.name: rung for rung in verdict.rungs}
    if ladder is None or not ladder.right:
        return None
    wrong = next((name for name in (BEFORE, AFTER) if name in asked and asked[name].status == WRONG), "")
    last = wrong or (AFTER if asked.get(AFTER) else BEFORE)
    yours = ladder.early if last == BEFORE else ladder.outputs
    if last not in ladder.found or not yours:
        return None
    if verdict.state == PASSED or not wrong:
        return Beside(last, yours, {})
    right = _expected(ladder, last)
    differ = fingerprint.differences(ladder.found, ladder.right)[last]
    return None if right is None else Beside(last, yours, {n: right[n] for n, by in differ.items() if by > fingerprint.TOLERANCE})


def _expected(ladder: Ladder, rung: str) -> Arrays | None:
    """What the question's program gives there: with weights at which mistakes show, or after the steps of a check. None where there
    is no program, as in a student edition, or where it gives something else than what is stored."""
    task = ladder.task
    if not (task.folder / "program.py").is_file():
        return None
    from harness.exact.model import Model  # with autograd, which a right answer has no use for

    batches = Batches(task, ladder.data["images"], ladder.data["labels"], ladder.data.get("masks"), seed=ladder.seed,
                      precision="float64", layout="NCHW")
    model = Model(task, parameters.probing(task.networks, ladder.seed))
    for step in range(fingerprint.STEPS if rung == AFTER else 0):
        if step == fingerprint.FIRST:
            model.parameters = {name: np.asarray(array, np.float64) for name, array in ladder.begin.items()}
        model.step(batches(step))
    values, outputs = batches.samples(task.samples["number"]), {}
    for name, ability in task.abilities.items():
        values[name] = outputs[name] = model.ask(name, [values[i] for i in ability.inputs])
    differ = fingerprint.differences({rung: fingerprint.digests(outputs)}, ladder.right or {})[rung]
    return outputs if max(differ.values()) <= fingerprint.TOLERANCE else None
