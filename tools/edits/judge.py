"""One edit through the check: is it found, and is what the check says about it?"""

import difflib
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from harness.diagnosis.finding import Finding
from harness.feedback import fingerprint
from harness.feedback.check import check, data_of, worker
from harness.feedback.ladder import Ladder
from harness.feedback.verdict import OUT_OF_TIME, Verdict
from harness.processes.worker import Worker
from harness.runner.bench import PASSED, RAISED
from harness.runner.client import Ended
from harness.runner.source import Source
from harness.tasks import Task, mistakes
from tools.edits.source import Answer, Edit

NEAR = 2                # lines
SAME = 1e-9             # relative difference of all numbers: then it is the same program
SEEDS = (1, 2, 3)       # of weights and batches at which that is looked at
RENEWED = 40            # edits after which the process is started anew
CLASSES = ("the same", "missed", "stopped", "named", "explained", "explained, and more", "explained wrongly", "not explained",
           "timed out", "fault")


@dataclass
class Result:
    """``what``: one of CLASSES. ``said``: what the check says; ``wrong``: those findings that are not about the edit."""

    edit: Edit
    what: str
    said: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        found = asdict(self)
        found["edit"].pop("changes")
        return {**found, "edit": {key: sorted(value) if isinstance(value, frozenset) else value for key, value in found["edit"].items()}}


def about(finding: Finding, edit: Edit, task: Task) -> bool:
    """Whether a finding is about the edit: at its place, and of its kind.

    Place: its line is within NEAR lines of the edited segment; or it names a layer of the edited kind in a network that the segment
    belongs to (with the layer that follows or comes before, where these two are exchanged or concatenated), and others in that network
    alone; or a loss, quantity or optimizer that the edited statement computes or steps with, or an ability that it is run in. Kind:
    its kind and words match what the edit says (``Edit.says``): the function that is there now, the slope, epsilon or share to its
    number, the constant to its name.
    """
    if not re.search(edit.says, f"{finding.kind}: {finding.words}"):
        return False
    first, _, others = finding.place.partition(" and ")
    if others and len(edit.networks) == 1 and not others.endswith("in this network"):
        return False
    if isinstance(finding.line, int) and finding.line and edit.line - NEAR <= finding.line <= edit.last + NEAR:
        return True
    network, _, layer = first.partition(".")
    if network in edit.networks:
        if not layer:
            return finding.kind in ("input", "averages", "mode", "clip") or network in edit.names
        kinds = {of.name: of.kind for of in task.networks[network].layers}
        return kinds.get(layer) in edit.layers
    if finding.place in edit.names or set(finding.place.split(", ")) <= edit.names:
        return True
    return finding.kind == "trained" and finding.question.partition(" = ")[0] in edit.names


def names_it(name: str, edit: Edit, answer: Answer) -> bool:
    """Whether a mistake of the library is of the edit's kind: what makes it in this answer changes a line within NEAR lines of the edit."""
    changes = mistakes.edits(answer.task, answer.framework).get(name)
    if not changes:
        return False
    try:
        text = mistakes.edited(answer.text, changes)
    except ValueError:
        return False
    matcher = difflib.SequenceMatcher(None, answer.text.splitlines(), text.splitlines(), autojunk=False)
    return any(edit.line - NEAR <= max(last, first + 1) and first + 1 <= edit.last + NEAR
               for tag, first, last, *_ in matcher.get_opcodes() if tag != "equal")


class Judge:
    """Has a process for each framework, and starts it anew from time to time. ``seconds``: for one edit."""

    def __init__(self, folder: Path, seconds: float = 240):
        self.folder, self.seconds = folder, seconds
        self.workers: dict[str, Worker] = {}
        self.done = 0
        folder.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """End the processes."""
        for process in self.workers.values():
            process.close()
        self.workers.clear()

    def _process(self, framework: str) -> Worker:
        if self.done % RENEWED == 0:
            self.close()
        if framework not in self.workers:
            self.workers[framework] = worker(framework, self.folder)
        return self.workers[framework]

    def judge(self, answer: Answer, edit: Edit) -> Result:
        """What becomes of it."""
        path = self.folder / f"{answer.task.name}_{answer.framework}.py"
        path.write_text(edit.made(answer.text), encoding="utf-8")
        process = self._process(answer.framework)
        self.done += 1
        began = time.monotonic()
        try:
            with _limited(self.seconds):
                verdict = check(process, answer.task, path)
                result = self._judged(answer, edit, verdict, process, path)
        except TimeoutError:
            result = Result(edit, "timed out")
            self.close()
        except Exception as error:      # the check's own: whatever it is, it is a fault
            result = Result(edit, "fault", [f"{type(error).__name__}: {error}"])
            self.close()
        result.seconds = round(time.monotonic() - began, 1)
        return result

    def _judged(self, answer: Answer, edit: Edit, verdict: Verdict, process: Worker, path: Path) -> Result:
        if verdict.state == PASSED:
            far = self.difference(answer, path, process)
            return Result(edit, "the same" if far <= SAME else "missed", [f"{far:.1g}"])
        failed = verdict.failed
        if verdict.state == OUT_OF_TIME:
            return Result(edit, "timed out", [verdict.message])
        if verdict.state == RAISED or failed is None or failed.name in ("loads", "networks", "shapes"):
            return Result(edit, "stopped", [f"{failed.name if failed else ''}: {verdict.message}"])
        found = verdict.diagnosis
        if found.fault:
            return Result(edit, "fault", [found.fault, *(m.name for m in verdict.mistakes)])
        said = [f"{f.place}:{f.line} {f.kind}: {f.words}" for f in found.findings]
        wrong = [s for s, f in zip(said, found.findings) if not about(f, edit, answer.task)]
        named = [m.name for m in verdict.mistakes]
        if named and all(names_it(name, edit, answer) for name in named):
            return Result(edit, "named", [*named, *said], wrong)
        said = [*(f"name: {name}" for name in named), *said]
        if len(wrong) < len(found.findings):
            return Result(edit, "explained, and more" if wrong else "explained", said, wrong)
        if found.findings or named:
            return Result(edit, "explained wrongly", said, wrong or said)
        return Result(edit, "not explained", [f"{failed.name}: {failed.message}", *found.facts])

    def difference(self, answer: Answer, path: Path, process: Worker) -> float:
        """How far the edited answer is from ours, at other weights and batches: the largest relative difference of all numbers."""
        data, most = data_of(answer.task), 0.0
        for seed in SEEDS:
            taken = []
            for source in (Source(path, answer.text.encode(), path.parent), Source.of(path)):
                ladder = Ladder(answer.task, process, source, data, None, seed=seed, gigabytes=4)
                try:
                    ladder.climb()
                except Ended:
                    return float("inf")
                taken.append(ladder.found)
            most = max(most, fingerprint.difference(*taken))
        return most


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
