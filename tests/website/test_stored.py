"""The stored curves: what they say, and that the answers still train so."""

import json

import numpy as np
import pytest
from conftest import ROOT

from harness import tasks
from harness.frameworks import FRAMEWORKS
from harness.lockstep.difference import curve_difference

NAMES = tasks.names()


def stored(name):
    return json.loads((ROOT / "questions" / name / "reference" / "curves.json").read_text(encoding="utf-8"))


def curves(of):
    """All frameworks' curves, by loss: as static/lockstep.js reads them."""
    found = {}
    for loss, said in of["curves"].items():
        first = np.array(said["values"])
        bits = np.abs(first).view(np.int64)
        found[loss] = {of["first"]: first, **{name: np.copysign((bits + np.array(away)).view(np.float64), first)
                                              for name, away in said["away"].items()}}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_all_frameworks_are_stored_and_agree(name):
    """And the differences that stand there are those of the curves that stand there."""
    of = stored(name)
    assert set(of["curves"]) == set(tasks.load(name).losses) and set(of["versions"]) == set(FRAMEWORKS)
    found = curves(of)
    assert len(of["pairs"]) == 6
    for pair in of["pairs"]:
        a, b = pair["frameworks"]
        largest = max(float(np.max(curve_difference(found[loss][a], found[loss][b]))) for loss in found)
        assert largest == pair["curve"] <= 1e-9
        assert max(pair["parameter"], pair["output"]) <= 1e-9
        assert all(len(found[loss][a]) == of["steps"] == 200 for loss in found)


@pytest.mark.sampled(15)
@pytest.mark.parametrize("name", NAMES)
def test_the_answers_still_train_so(name, comparer):
    """The first steps again, in PyTorch: after a change of an answer or a task, run tools/curves.py."""
    comparison = comparer(name)
    first = curves(stored(name))
    run, = comparison.runs
    for loss, values in run.curves.items():
        assert float(np.max(curve_difference(values, first[loss]["pytorch"][:len(values)]))) <= 1e-9


@pytest.fixture(scope="module")
def comparer():
    from harness.lockstep.compare import Comparer, Settings
    with Comparer(Settings(("pytorch",), steps=3)) as running:
        yield lambda name: running.compare(tasks.load(name))


def test_places_away_is_exact_and_refuses_two_signs(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    from curves import places_away
    first = np.array([1.0, -2.0, 3.5])
    other = np.array([np.nextafter(1.0, 2), -2.0, np.nextafter(np.nextafter(3.5, 0), 0)])
    assert places_away(other, first) == [1, 0, -2]
    with pytest.raises(ValueError, match="different signs"):
        places_away(-first, first)
