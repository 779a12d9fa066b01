"""All submissions judged: pieces that know nothing of each other, each with its result written down as it comes.

The folder of a grading has ``grading.json``, which holds its secret, and ``results.jsonl``, a line a result.
Whatever ends the program, on whatever machine, what is in ``results.jsonl`` is done; what was in hand is done again.
"""

import hashlib
import hmac
import json
import os
import secrets
import signal
import threading
import traceback
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

from harness.feedback.verdict import OUT_OF_TIME
from harness.grading import judge
from harness.grading.judge import BROKE, Piece, Result
from harness.grading.oracle import Oracle
from harness.grading.submission import Submission
from harness.messages import WorkbookError
from harness.processes.machine import end_with_parent

TRIES = 3               # of a piece in whose hands a judge died
RESULTS, GRADING = "results.jsonl", "grading.json"
SEEDS = 2**31 - 1       # any framework's own generators take it


class Pool(Protocol):
    """Where pieces are judged. ``size``: how many at a time."""

    size: int

    def submit(self, piece: Piece) -> "Future[Result]":
        """Have ``piece`` judged. The future raises BrokenExecutor where the judge died of something."""

    def mend(self) -> None:
        """Start what died anew."""

    def close(self) -> None:
        """End all."""


class Processes:
    """Judges on this machine, a process each."""

    def __init__(self, size: int):
        self.size = size
        self._start()

    def _start(self) -> None:
        self._pool = ProcessPoolExecutor(self.size, mp_context=get_context("spawn"), initializer=_begin, initargs=(os.getpid(),))

    def submit(self, piece: Piece) -> "Future[Result]":
        return self._pool.submit(judged, piece)

    def mend(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._start()

    def close(self) -> None:
        for process in list((self._pool._processes or {}).values()):        # in hand, or waiting: nothing is lost with them
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)


_mine = threading.local()           # a judge's oracle; Dask may have several judges in a process


def _begin(parent: int) -> None:
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)        # Ctrl-C is for the parent, which then ends its judges
    if os.getppid() != parent:      # it had gone before
        os._exit(1)


def judged(piece: Piece) -> Result:
    """In a judge's process: the result of ``piece``, also where judging it raises."""
    oracle: Oracle | None = getattr(_mine, "oracle", None)
    if oracle is None or piece.oracle not in (None, oracle.framework):
        oracle = _mine.oracle = Oracle(piece.oracle)
    try:
        return judge.judged(piece, oracle)
    except Exception as error:
        return judge.blank(piece, BROKE, f"{type(error).__name__}: {error}") | {"log": traceback.format_exc()}


class Grading:
    """The folder of a grading: its secret, and what came of it so far."""

    def __init__(self, folder: Path, secret: str):
        self.folder, self.secret = folder, secret

    @classmethod
    def begin(cls, folder: Path, secret: str | None = None) -> "Grading":
        """A new one."""
        grading = cls(folder, secret or secrets.token_hex(16))
        part = folder / f"{GRADING}.part"
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({"version": 1, "secret": grading.secret}, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / GRADING)      # whole, or not there
        return grading

    @classmethod
    def resume(cls, folder: Path, secret: str | None = None) -> "Grading":
        """One that was begun. Raises WorkbookError if it cannot be read, or has another secret than ``secret``."""
        try:
            kept = str(json.loads((folder / GRADING).read_text(encoding="utf-8"))["secret"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WorkbookError(f"{folder / GRADING} cannot be read ({error}): name another folder with --out") from None
        if secret not in (None, kept):
            raise WorkbookError(f"the grading in {folder} has another secret than the assignment: name another folder with --out")
        return cls(folder, kept)

    def seed(self, name: str) -> int:
        """The secret seed of one submission, or, where ``name`` is empty, of all."""
        digest = hmac.new(self.secret.encode(), name.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        return int.from_bytes(digest[:8], "big") % SEEDS

    def results(self) -> dict[tuple[str, str], Result]:
        """What is written down, by a submission's name and digest; the last counts. A line that a kill cut off is not there."""
        return dict(self._written())

    def _written(self) -> Iterator[tuple[tuple[str, str], Result]]:
        path = self.folder / RESULTS
        if path.is_file():
            with open(path, encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    try:
                        result = json.loads(line)
                        if result["version"] == judge.VERSION:      # else it is judged again, and has what is said today
                            yield (result["name"], result["digest"]), result
                    except (ValueError, KeyError, TypeError):
                        continue

    def left(self, pieces: Iterable[Piece]) -> list[Piece]:
        """Those without a result, and those that broke their judge."""
        done = {key for key, broke in {key: result["state"] == BROKE for key, result in self._written()}.items() if not broke}
        return [piece for piece in pieces if (piece.submission.name, piece.submission.digest) not in done]

    def run(self, pieces: Iterable[Piece], pool: Pool) -> Iterator[Result]:
        """Judge all pieces that are left; each result is on the disk before it is given out."""
        with open(self.folder / RESULTS, "ab", buffering=0) as file:
            _end_line(file)
            for result in judge_all(self.left(pieces), pool):
                file.write((json.dumps(result) + "\n").encode())
                os.fsync(file.fileno())
                yield result


def _end_line(file: Any) -> None:
    """After a line that a kill cut off, a new one begins."""
    if file.tell():
        with open(file.name, "rb") as end:
            end.seek(-1, os.SEEK_END)
            if end.read() != b"\n":
                file.write(b"\n")


def judge_all(pieces: list[Piece], pool: Pool) -> Iterator[Result]:
    """Results in the order in which they come.

    Where a judge dies, all that were in hand are suspects: each is then judged alone, so that none is blamed for another. So is
    one whose judging ended in a fault of ours: what it runs may have been killed. What ran out of time is judged once more, alone: the
    machine may have been busy.
    """
    waiting, alone, in_hand, deaths = deque(pieces), deque[Piece](), dict[Future[Result], Piece](), Counter[str]()
    slow: set[str] = set()
    while waiting or alone or in_hand:
        while waiting and len(in_hand) < pool.size:
            _submit(waiting.popleft(), pool, in_hand)
        if not in_hand:
            _submit(alone.popleft(), pool, in_hand)
        finished, _ = wait(in_hand, return_when=FIRST_COMPLETED)
        broken = False
        for future in finished:
            piece = in_hand.pop(future)
            name = piece.submission.name
            try:
                result = future.result()
            except BrokenExecutor:
                broken = True
                deaths[name] += 1
                if deaths[name] < TRIES:
                    alone.append(piece)
                else:
                    yield judge.blank(piece, BROKE, f"its judge died {TRIES} times")
                continue
            if result["state"] == OUT_OF_TIME and name not in slow and len(pieces) > 1:
                slow.add(name)
                alone.append(piece)
            elif result["state"] == BROKE and deaths[name] < TRIES - 1:     # a process of ours may have been killed from outside
                deaths[name] += 1
                alone.append(piece)
            else:
                yield result
        if broken:
            pool.mend()


def _submit(piece: Piece, pool: Pool, in_hand: "dict[Future[Result], Piece]") -> None:
    try:
        in_hand[pool.submit(piece)] = piece
    except BrokenExecutor:          # it died between two pieces
        pool.mend()
        in_hand[pool.submit(piece)] = piece


def pieces(submissions: Iterable[Submission], grading: Grading, seed: str, **common: Any) -> list[Piece]:
    """A piece of each submission; ``seed``: "each" or "one"."""
    return [Piece(submission, grading.seed(submission.name if seed == "each" else ""), **common) for submission in submissions]
