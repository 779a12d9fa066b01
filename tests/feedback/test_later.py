"""A learning rate that is the question's for as many steps as a check takes, and another later: where its rule can be read."""

import pytest
from test_ladder import climb

from harness import tasks
from harness.feedback.ladder import RUNGS
from harness.runner.bench import PASSED, WRONG
from harness.work import stub

pytestmark = pytest.mark.timeout(300)
# Rules that change it within the question's 1,000 steps, and some that do not.
RULES = {
    "pytorch": ("torch.optim.lr_scheduler.{}", ["StepLR(self.optimizer, 100)", "LambdaLR(self.optimizer, lambda n: 0.5 ** (n // 300))"],
                ["StepLR(self.optimizer, 100_000)", "ConstantLR(self.optimizer, 1.0)", "ReduceLROnPlateau(self.optimizer)"]),
    "keras": ("keras.optimizers.schedules.{}", ["PiecewiseConstantDecay([500], [1e-3, 1e-4])", "ExponentialDecay(1e-3, 100, 0.9, staircase=True)"],
              ["PiecewiseConstantDecay([5000], [1e-3, 1e-4])", "ExponentialDecay(1e-3, 100, 1.0)"]),
    "tensorflow": ("tf.keras.optimizers.schedules.{}", ["PiecewiseConstantDecay([500], [1e-3, 1e-4])"],
                   ["PiecewiseConstantDecay([5000], [1e-3, 1e-4])"]),
}


def climbed(framework, rule, folder):
    """An autoencoder with a rule for its learning rate."""
    task = tasks.load("ae")
    source = stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
    if framework == "pytorch":
        line = next(line for line in source.splitlines() if "self.optimizer = " in line)
        steps = "pass" if "Plateau" in rule else "self.schedule.step()"
        source = source.replace(line, f"{line}\n        self.schedule = {rule}")
        source = source.replace("        self.optimizer.step()\n", f"        self.optimizer.step()\n        {steps}\n")
        assert "schedule" in source and steps in source
    else:
        before = source
        source = source.replace(".Adam(learning_rate,", f".Adam({rule},").replace(".Adam(learning_rate=learning_rate,", f".Adam({rule},")
        assert source != before
    return climb(task, framework, source, folder)


@pytest.mark.parametrize(("framework", "rule"), [(f, (RULES[f][0].format(rule))) for f in RULES for rule in RULES[f][1]])
@pytest.mark.sampled(2)
def test_a_rate_that_changes_later_is_told(framework, rule, tmp_path):
    _, rungs = climbed(framework, rule, tmp_path)
    curve = rungs[RUNGS.index("curve")]
    assert curve.status == WRONG and curve.message == "the learning rate changes later" and len(curve.facts) == 1
    assert curve.facts[0].startswith("optimizer: its learning rate is 0.001 at first, and 0.0")
    assert [rung.name for rung in rungs if rung.status != PASSED] == ["curve"]


@pytest.mark.parametrize(("framework", "rule"), [(f, (RULES[f][0].format(rule))) for f in RULES for rule in RULES[f][2]])
@pytest.mark.sampled(2)
def test_a_rule_that_changes_nothing_or_nothing_in_time_passes(framework, rule, tmp_path):
    _, rungs = climbed(framework, rule, tmp_path)
    assert [rung.name for rung in rungs if rung.status == PASSED] == list(RUNGS)
