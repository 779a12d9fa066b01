"""One submission judged: taken up the ladder from a seed of its own, in a sandbox; its points; what its student is to read."""

import base64
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness import tasks
from harness.feedback import check, diagnosis
from harness.feedback.ladder import RUNGS, Ladder
from harness.feedback.verdict import OUT_OF_TIME, Verdict
from harness.grading.oracle import Oracle, Right
from harness.grading.submission import Submission
from harness.pictures import png
from harness.pictures.arrays import mosaic, to_uint8
from harness.processes import sandbox
from harness.processes.worker import Worker
from harness.runner.bench import PASSED, RAISED, WRONG
from harness.runner.client import Ended
from harness.tasks import ROOT, Task, TaskError
from harness.tasks import mistakes as known

VERSION = 2             # of a result
BROKE = "broke the grader"
STATES = (PASSED, WRONG, "not attempted", RAISED, OUT_OF_TIME, BROKE)
TRIES = 3               # of a runner that was killed by a signal, which can have come from anywhere
POINTS = {"loads": 1.0, "networks": 1.0, "initial": 1.0, "shapes": 1.0, "forward": 2.0, "first losses": 2.0, "curve": 1.0, "abilities": 1.0,
          "float32": 0.0}
SHOWN = (8, 4, 2, 1)    # images of an ability: as many as a picture holds
PICTURE = 40_000        # characters of one picture: a result stays small
LINES, LONG = 30, 500   # of what is said about one rung, and characters in one of them
Result = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """One submission to be judged, with all that a judge elsewhere needs to know. ``seed``: secret."""

    submission: Submission
    seed: int
    timeout: float = check.SECONDS
    cpu_seconds: float = 300.0
    life: float = 600.0             # seconds that its process may live
    gigabytes: float = check.GIGABYTES
    oracle: str | None = None       # its framework
    root: str = str(ROOT)


def judged(piece: Piece, oracle: Oracle) -> Result:
    """The result of ``piece``. Nothing that a submission does raises here; what does is a fault of ours."""
    started, submission = time.perf_counter(), piece.submission
    result = blank(piece)
    if submission.problem:
        return result | {"state": RAISED, "message": submission.problem}
    task = tasks.load(submission.task, "check", Path(piece.root))
    with tempfile.TemporaryDirectory(prefix="submission-") as folder:
        file = _written(submission, Path(folder).resolve())
        for attempt in range(TRIES):
            # The process starts while the right numbers are computed.
            with check.worker(submission.framework, file.parent, piece.timeout, piece.gigabytes, Path(piece.root),
                              piece.cpu_seconds, piece.life) as process:
                right = oracle.right(task, piece.seed)
                try:
                    verdict, ladder = _climbed(process, task, file, right, piece, oracle)
                except TaskError as error:          # a notebook that is none
                    return result | {"state": RAISED, "message": str(error)}
                if verdict.ended and verdict.ended.get("signal") and attempt < TRIES - 1:
                    continue
                if verdict.state == WRONG:
                    _diagnose(verdict, ladder, process, piece, oracle)
            break
    verdict.seconds = time.perf_counter() - started
    return result | _told(verdict, ladder, right)


def blank(piece: Piece, state: str = RAISED, message: str = "") -> Result:
    """What there is of every result, also where nothing could be run."""
    submission = piece.submission
    return {"version": VERSION, "name": submission.name, "student": submission.student, "task": submission.task,
            "framework": submission.framework, "file": submission.file, "submitted": submission.submitted,
            "attempt": submission.attempt, "digest": submission.digest, "state": state, "message": message,
            "rungs": [], "lines": [], "mistakes": [], "findings": [], "facts": [], "printed": "", "curves": {}, "right_curves": {},
            "pictures": {}, "sandbox": sandbox.name(), "seconds": 0.0}


def _written(submission: Submission, folder: Path) -> Path:
    """The submission on the disk, alone in ``folder``."""
    for name, content in {**submission.beside, Path(submission.file).name: submission.source}.items():
        (folder / Path(name).name).write_bytes(content)
    return folder / Path(submission.file).name


def _climbed(process: Worker, task: Task, file: Path, right: Right, piece: Piece, oracle: Oracle) -> tuple[Verdict, Ladder]:
    source, place = check.source_of(file)
    ladder = Ladder(task, process, source, oracle.data(task), right.fingerprint, seed=piece.seed, gigabytes=piece.gigabytes)
    return check.judged(ladder, Path(piece.submission.file), place), ladder


def _diagnose(verdict: Verdict, ladder: Ladder, process: Worker, piece: Piece, oracle: Oracle) -> None:
    """Name what is wrong. A name is proposed by what the answer computes where all mistakes are known already, and is given
    only if it stands up to the secret seed, too. The verdict is made by then: what the answer does here cannot mend it."""
    task = verdict.task
    stored = oracle.stored(task)
    for _ in range(TRIES):
        again = Ladder(task, process, ladder.source, oracle.data(task), stored.right, gigabytes=piece.gigabytes)
        try:
            again.climb()
            break
        except Ended as ended:
            if not ended.event.get("signal"):       # else it may have been killed from outside
                break
    proposed = diagnosis.diagnose(again.found, stored)
    fresh = oracle.reference(task, piece.seed, proposed.names)
    verdict.diagnosis = diagnosis.diagnose(ladder.found, fresh)
    verdict.mistakes = diagnosis.explain(verdict.diagnosis, known.load(task))
    check.solve(verdict, ladder, check.source_of(Path(ladder.source.path))[1])


def earned(result: Result) -> list[str]:
    """The rungs that count: those that were passed. What abilities give after a wrong training is worth nothing."""
    passed = {rung["name"] for rung in result["rungs"] if rung["status"] == PASSED}
    return [rung for rung in RUNGS if rung in passed and (rung != "abilities" or "curve" in passed)]


def points(result: Result, worth: dict[str, float]) -> tuple[float, float]:
    """(what the rungs that count are worth, what all are)"""
    return sum(worth.get(rung, 0.0) for rung in earned(result)), sum(worth.get(rung, 0.0) for rung in RUNGS)


def _told(verdict: Verdict, ladder: Ladder, right: Right) -> Result:
    here = f"{ladder.source.folder}/"           # a file is named as its student does, not as it lies here
    return {"state": verdict.state, "message": verdict.message.replace(here, ""),
            "rungs": [{**asdict(rung), "message": rung.message.replace(here, ""), "facts": _short(rung.facts), "lines": _last(rung.lines)}
                      for rung in verdict.rungs],
            "lines": _last(verdict.lines), "mistakes": [asdict(mistake) for mistake in verdict.mistakes],
            "findings": [finding.said() for finding in verdict.diagnosis.findings], "facts": verdict.diagnosis.facts,
            "printed": verdict.printed, "curves": ladder.found.get("curves", {}), "right_curves": right.fingerprint["curves"],
            "pictures": _pictures(verdict.task, ladder, right), "seconds": round(verdict.seconds, 3)}


def _short(facts: list[str]) -> list[str]:
    """A network of a million layers is a table of a million lines."""
    shown = [fact[:LONG] for fact in facts[:LINES]]
    return [*shown, f"... and {len(facts) - LINES:,} more lines"] if len(facts) > LINES else shown


def _last(lines: list[list[Any]]) -> list[list[Any]]:
    """[place, source]: innermost last."""
    return [[place, line[:LONG]] for place, line in lines[-LINES:]]


def _pictures(task: Task, ladder: Ladder, right: Right) -> dict[str, dict[str, str]]:
    """Of each ability that gives images: "yours" and "right", PNG in base64, after the same steps of training."""
    if "abilities" not in ladder.found:     # what there is was made before the training
        return {}
    made = {}
    for name, ability in task.abilities.items():
        if ability.output == task.image_shape:
            sizes = ([_png(task, outputs[name][:number]) for outputs in (ladder.outputs, right.outputs)] for number in SHOWN)
            both = next((pair for pair in sizes if max(map(len, pair)) <= PICTURE), None)
            if both:
                made[name] = dict(zip(("yours", "right"), both))
    return made


def _png(task: Task, images: np.ndarray) -> str:
    """Images side by side."""
    with np.errstate(all="ignore"):         # whatever a learner's code computes
        row = to_uint8(images, task.pixels)
    return base64.b64encode(png.encoded(mosaic(row, len(row)))).decode()
