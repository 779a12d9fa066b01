"""Which named mistakes are recognised when they are made in another framework?

    .venv/bin/python tools/recognised.py TASK --framework keras [NAME ...]

Says of each mistake of questions/TASK/edits/<framework>.toml: recognised, or what the check says instead; and which
have no edit there. Exit code 1 if any is not recognised.
"""

import argparse
import copy
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import tasks
from harness.feedback import diagnosis, fingerprint
from harness.feedback.diagnosis import Diagnosis
from harness.feedback.fingerprint import Fingerprint
from harness.tasks import Task, mistakes
from harness.work import stub
from tools.fingerprints import take


def recognise(task: Task, framework: str, names: Sequence[str] | None = None,
              briefly: bool = False) -> Iterator[tuple[str, Diagnosis, Fingerprint]]:
    """For each mistake: (its name, what the diagnosis is, its fingerprint). Yields them as they are done.

    briefly: where the first step (its losses, all parameters after it, all outputs before it) is one known mistake's and
    no other's, that is enough; the rest of the curve is only run where it is needed to tell.
    """
    reference = diagnosis.Reference.stored(task)
    brief = copy.copy(reference)
    brief.right = _first_step(reference.right)
    brief.mistakes = {name: _first_step(known) for name, known in reference.mistakes.items()}
    with np.load(diagnosis.data_path(task)) as stored:
        data = dict(stored)
    source = stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
    for name, changes in mistakes.edits(task, framework).items():
        if not names or name in names:
            if briefly:
                found = _first_step(take(task, mistakes.edited(source, changes), data, framework, last="first losses"))
                diagnosed = diagnosis.diagnose(found, brief) if "stopped" not in found else diagnosis.Diagnosis()
                if diagnosed.names == [name]:
                    yield name, diagnosed, found
                    continue
            found = take(task, mistakes.edited(source, changes), data, framework)
            yield name, diagnosis.diagnose(found, reference), found


def _first_step(found: Fingerprint) -> Fingerprint:
    """What a fingerprint says of the first step and of what comes before it."""
    kept = {part: value for part, value in found.items() if part not in ("parameters", "abilities")}
    if "curves" in kept:
        kept["curves"] = {name: values[:1] for name, values in kept["curves"].items()}
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task")
    parser.add_argument("names", nargs="*", help="mistakes; all by default")
    parser.add_argument("--framework", required=True)
    arguments = parser.parse_intermixed_args()
    task, missed = tasks.load(arguments.task), 0
    for name, found, taken in recognise(task, arguments.framework, arguments.names):
        if name in found.names:
            print(f"recognised  {name}{', also ' + ', '.join(set(found.names) - {name}) if len(found.names) > 1 else ''}", flush=True)
            continue
        missed += 1
        known = diagnosis.Reference.stored(task).mistakes.get(name)
        far = {} if known is None else {f"{part} {entry}": value
                                        for part, of in fingerprint.differences(taken, known).items()
                                        for entry, value in of.items() if value > fingerprint.TOLERANCE}
        print(f"NOT         {name}: {found.names or found.facts}; stopped: {taken.get('stopped')}; "
              f"differs from the stored in {dict(list(far.items())[:3])}", flush=True)
    for name in mistakes.edits(task, "pytorch").keys() - mistakes.edits(task, arguments.framework).keys():
        print(f"no edit     {name}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
