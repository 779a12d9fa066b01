"""Store the training curves of all four frameworks: questions/<task>/reference/curves.json, which the site draws.

    .venv/bin/python tools/curves.py            # all tasks: three minutes
    .venv/bin/python tools/curves.py vae gan

Check size, 200 steps, float64. One framework's curve stands there in full; of the others how many units in the last place their
numbers are away, which is exact and small.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import tasks
from harness.frameworks import FRAMEWORKS
from harness.lockstep.compare import Comparer, Comparison, Settings

STEPS = 200


def places_away(values: np.ndarray, first: np.ndarray) -> list[int]:
    """How many float64 numbers ``values`` are away from ``first``, entry by entry. Raises ValueError across zero: there it says nothing."""
    if np.any(np.signbit(values) != np.signbit(first)):
        raise ValueError("two frameworks give one loss with different signs")
    away: list[int] = (np.abs(values).view(np.int64) - np.abs(first).view(np.int64)).tolist()
    return away


def stored(comparison: Comparison) -> dict[str, Any]:
    """What curves.json says of a comparison."""
    runs = {run.framework: run for run in comparison.runs}
    first, *others = runs
    return {
        "version": 1, "task": comparison.task.name, "size": comparison.settings.size, "precision": comparison.settings.precision,
        "steps": comparison.settings.steps, "seed": comparison.settings.seed, "data": comparison.data.name,
        "versions": {name: run.version for name, run in runs.items()},
        "pairs": [{"frameworks": pair.frameworks, "curve": pair.curve, "parameter": pair.parameter, "output": pair.output}
                  for pair in comparison.pairs],
        "first": first,
        "curves": {loss: {"values": runs[first].curves[loss].tolist(),
                          "away": {name: places_away(runs[name].curves[loss], runs[first].curves[loss]) for name in others}}
                   for loss in comparison.task.losses}}


def main(names: list[str]) -> None:
    with Comparer(Settings(tuple(FRAMEWORKS), steps=STEPS)) as comparer:
        for name in names:
            comparison = comparer.compare(tasks.load(name))
            if not comparison.agree:
                raise SystemExit(f"{name}: the frameworks do not agree, nothing stored; see `workbook compare {name}`")
            path = ROOT / "questions" / name / "reference" / "curves.json"
            text = json.dumps(stored(comparison), separators=(",", ":")).replace('"curves":', '\n"curves":')
            path.write_text(text + "\n", encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes, curves within {comparison.largest('curve'):.1e}")


if __name__ == "__main__":
    main([tasks.named(name) for name in sys.argv[1:]] or tasks.names())
