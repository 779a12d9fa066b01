"""What an answer computes at check size, in a few numbers: the fingerprint of a right answer, or of a mistake.

A fingerprint is a dict that JSON can hold:

    shapes       {network: shapes of its parameters, in their order, canonical}
    initial      {parameter: digest} before the first step
    forward      {ability: digest} with these
    ranges       {ability: smallest and largest value}, with these
    curves       {loss: its values}, STEPS of them
    updated      {parameter: digest} after the first step
    parameters   {parameter: digest} after the last
    abilities    {ability: digest} after the last
    stopped      the rung where it could not go on, and why; what follows it is then missing

A digest is (norm, projection): the array's Euclidean norm, and its product with a random vector that the array's name
and size alone decide. Two arrays with equal digests are equal for all practical purposes, and a few thousand numbers
become two. All in float64, and the same in every framework (docs/lockstep.md).
"""

import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.frameworks import Arrays
from harness.lockstep.difference import curve_difference
from harness.tasks import Task
from harness.training.batches import Batches

if TYPE_CHECKING:
    from harness.exact.model import Model

Fingerprint = dict[str, Any]
STEPS = 5
FIRST = 1               # of these are from weights at which mistakes show; the others from the question's initial ones on
PARTS = ("forward", "curves", "updated", "parameters", "abilities")
# The frameworks agree to 1e-12 here, mistakes differ by 1e-4 and more; between lies what a right answer may do in its
# own way, such as a cross entropy from probabilities.
TOLERANCE = 1e-6
# An array with a smaller norm is nothing but rounding, and that is another number on another processor: a bias before
# batch norm has no gradient, and is moved by what is left of one, 1e-17. What is computed is larger by far.
ROUNDING = 1e-6
NEAR = 1e-2             # of an answer that may have unrounded constants: rounding is 6e-8 of each, and Adam makes more of it
FLOAT32 = 1e-3          # relative, of losses: what float32 may make of them; in our answers it makes 1e-5 at most;
SMALL = 1e-2            # ... of the largest one, where one is smaller than this share of it


def digest(name: str, array: np.ndarray) -> list[float]:
    """(norm, projection on a random vector of the same norm as an array of ones)"""
    flat = np.asarray(array, np.float64).ravel()
    direction = np.random.default_rng([zlib.crc32(name.encode()), flat.size]).standard_normal(flat.size)
    with np.errstate(all="ignore"):
        return [float(np.sqrt(flat @ flat)), float(flat @ direction)]


def digests(arrays: dict[str, np.ndarray]) -> dict[str, list[float]]:
    """The digest of each array, by its name."""
    return {name: digest(name, array) for name, array in arrays.items()}


def digest_difference(a: list[float], b: list[float]) -> float:
    """How far apart, relative to the larger norm; infinite where something is not finite."""
    if not np.isfinite([*a, *b]).all():
        return np.inf
    scale = max(a[0], b[0], ROUNDING)
    return max(abs(a[0] - b[0]), abs(a[1] - b[1])) / scale


def differences(a: Fingerprint, b: Fingerprint) -> dict[str, dict[str, float]]:
    """For each part that both fingerprints have: how far apart each of its entries is."""
    found = {}
    for part in PARTS:
        if part not in a or part not in b:
            continue
        if part == "curves":
            found[part] = {name: _curves_differ(a[part][name], b[part][name]) for name in a[part] if name in b[part]}
        else:
            found[part] = {name: digest_difference(a[part][name], b[part][name]) for name in a[part] if name in b[part]}
    return found


def _curves_differ(a: list[float], b: list[float]) -> float:
    return float(np.max(curve_difference(np.array(a, float), np.array(b, float)))) if len(a) == len(b) else np.inf


def difference(a: Fingerprint, b: Fingerprint) -> float:
    """The largest difference of all; infinite where the networks differ, or where only one of the two came to its end."""
    if a.get("shapes") != b.get("shapes") or a.get("stopped", [None])[0] != b.get("stopped", [None])[0]:
        return np.inf
    return max((value for part in differences(a, b).values() for value in part.values()), default=0.0)


def wrong(found: Fingerprint, right: Fingerprint, part: str) -> dict[str, float]:
    """How far apart the entries of one part are, of those that are not the same."""
    differ = differences({part: found.get(part, {})}, right).get(part, {})
    return {name: value for name, value in differ.items() if not value <= TOLERANCE}


def of_model(model: "Model", batches: Batches, probe: Arrays, begin: Arrays, like: Fingerprint | None = None) -> Fingerprint:
    """What a ladder finds of an answer that computes what ``model`` does; without shapes. ``batches``: canonical; ``probe``: the
    parameters of the first step, ``begin``: of the others; ``like``: no more than the first step, where that is not what is there."""
    def asked() -> dict[str, list[float]]:
        given, outputs = batches.samples(model.task.samples["number"]), {}
        for name, ability in model.task.abilities.items():
            given[name] = outputs[name] = model.ask(name, [given[i] for i in ability.inputs])
        return digests(outputs)

    found: Fingerprint = {"curves": {name: [] for name in model.task.losses}}
    model.parameters = dict(probe)
    found["forward"] = asked()
    for step in range(STEPS):
        if step == FIRST:
            found["updated"] = digests(model.parameters)
            if like and wrong(like, found, "updated"):
                return found
            model.parameters = dict(begin)
        for name, value in model.step(batches(step)).record.losses.items():
            found["curves"].setdefault(name, []).append(value)
    return {**found, "parameters": digests(model.parameters), "abilities": asked()}


def near(found: Fingerprint, right: Fingerprint) -> bool:
    """Whether an answer came to its end, and gave numbers that rounding may have made of right ones."""
    return "abilities" in found and max(value for of in differences(found, right).values() for value in of.values()) < NEAR


def as_written(task: Task, found: Fingerprint, batches: Batches, probe: Arrays, begin: Arrays) -> Fingerprint | None:
    """What is right too, and is what an answer computed, to the same tolerance: the question with its constants as they are written
    in it, and not rounded to float32. None where it is not that."""
    from harness.exact import literals  # with autograd, which a right answer has no use for

    computed = {part: found[part] for part in PARTS}
    candidates = (of_model(model, batches, probe, begin, found) for model in literals.models(task))
    return next((right for right in candidates if difference(computed, right) <= TOLERANCE), None)


def far(came: Mapping[str, float], right: Mapping[str, float]) -> list[str]:
    """Losses that are farther apart than rounding to float32 brings them; one that is nearly nothing may be a difference of others."""
    largest = max(map(abs, right.values()))
    return [name for name, value in came.items() if not abs(value - right[name]) <= FLOAT32 * max(abs(right[name]), SMALL * largest)]


def rounded(fingerprint: Any) -> Any:
    """The same with 13 significant digits, for a file."""
    match fingerprint:
        case dict():
            return {name: rounded(value) for name, value in fingerprint.items()}
        case list() | tuple():
            return [rounded(value) for value in fingerprint]
        case float():
            return float(f"{fingerprint:.12e}")
    return fingerprint
