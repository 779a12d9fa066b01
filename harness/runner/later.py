"""What shows only where an answer is asked for more than a check takes: more steps, or a larger picture."""

from collections.abc import Mapping

import numpy as np

from harness.runner.client import Runner, Stopped
from harness.tasks.task import Ability

POINTS = 24         # steps of a whole training at which a learning rate is asked for
SAME = 1e-6         # relative, of a learning rate: it is rounded to float32


def changing(runner: Runner, done: int, training: int) -> list[str]:
    """Learning rates that are others in a training of so many steps than in the first ones, of which ``done`` were made; in words."""
    steps = sorted({int(step) for step in np.geomspace(1, training, POINTS)})
    try:
        found = runner.rates(done, steps)
    except Stopped:         # it is a rule that is read in another way
        return []
    said = []
    for optimizer, (first, *later) in ((name, rates) for name, rates in found.items() if rates):
        other = next(((step, rate) for step, rate in zip(steps, later) if not abs(rate - first) <= SAME * abs(first)), None)
        if other:
            said.append(f"{optimizer}: its learning rate is {first:.6g} at first, and {other[1]:.6g} after {other[0] + done:,} steps")
    return said


def at_once(runner: Runner, abilities: Mapping[str, Ability], given: Mapping[str, np.ndarray]) -> list[str]:
    """Abilities that compute everything at once where the question asks for parts; in words. ``given``: their inputs, by name."""
    said = []
    for name, ability in abilities.items():
        if ability.large and runner.most(name, [given[i][:1] for i in ability.inputs], ability.large) >= ability.whole:
            asked = " and ".join(f"{argument} {value:,}" for argument, value in ability.large.items())
            said.append(f"{name}: asked for {asked}, its first layer gives {ability.whole:,} numbers at once, or more")
    return said
