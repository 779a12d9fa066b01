"""What came of a check: a state, the rungs, what it is; its exit code and its JSON."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.feedback.diagnosis import Diagnosis
from harness.feedback.ladder import Ladder, Rung
from harness.processes.worker import Event
from harness.runner.bench import NOT_ATTEMPTED, PASSED, RAISED, WRONG
from harness.tasks import Task
from harness.tasks.mistakes import Mistake

VERSION = 2             # of the JSON
OUT_OF_TIME = "out of time"
EXIT_CODES = {PASSED: 0, WRONG: 1, NOT_ATTEMPTED: 3, RAISED: 4, OUT_OF_TIME: 5}


@dataclass
class Verdict:
    """``state``: one of EXIT_CODES. ``rungs``: as far as the answer came; the first that is not passed decides."""

    task: Task
    framework: str
    file: Path
    state: str
    rungs: list[Rung]
    message: str = ""
    diagnosis: Diagnosis = field(default_factory=Diagnosis)
    mistakes: list[Mistake] = field(default_factory=list)      # what the diagnosis names
    printed: str = ""
    lines: list[list[Any]] = field(default_factory=list)     # where it hung or died
    seconds: float = 0.0
    ended: Event | None = None      # what the process ended by, where it did
    sandbox: str = ""               # what the learner's code was shut into, or why into nothing
    ladder: Ladder | None = field(default=None, repr=False)     # with all that came and what should have come

    @property
    def failed(self) -> Rung | None:
        """The first rung that is not passed, or None."""
        return next((rung for rung in self.rungs if rung.status != PASSED), None)


def as_dict(verdict: Verdict) -> dict[str, Any]:
    """What ``check --json`` prints."""
    found = verdict.diagnosis
    names = [mistake.name for mistake in verdict.mistakes]
    return {
        "version": VERSION, "task_id": verdict.task.name, "framework": verdict.framework, "file": str(verdict.file),
        "status": verdict.state, "message": verdict.message, "seconds": round(verdict.seconds, 3),
        "diagnosis": {"mistakes": names, "findings": [finding.said() for finding in found.findings], "facts": found.facts,
                      "fault": found.fault},
        "rungs": [{"task_id": f"{verdict.task.name}/{rung.name}", "status": rung.status, "message": rung.message,
                   "facts": rung.facts, "lines": rung.lines} for rung in verdict.rungs],
        "printed": verdict.printed, "sandbox": verdict.sandbox,
    }
