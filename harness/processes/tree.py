"""A process and all that it has started, and theirs: who they are, what they take together, and how all of them end.

Looks into /proc; where there is none, a process group is all that is known.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
PAUSE = 0.1             # seconds between two looks
ROUNDS = 100            # in which a tree that goes on growing is stopped


@dataclass(frozen=True)
class Limits:
    """What a process and all that it starts may take together: memory in GiB, processes, seconds of all cores; and how many seconds
    it may live."""

    gigabytes: float
    processes: int = 64
    seconds: float = float("inf")
    life: float = float("inf")


def members(pid: int) -> list[int]:
    """``pid`` and its descendants, parents first; those that have ended are left out."""
    found = [pid]
    for parent in found:
        found += _children(parent)
    return found


def _children(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for thread in os.scandir(PROC / str(pid) / "task"):
            with contextlib.suppress(OSError):
                yield from map(int, (PROC / str(pid) / "task" / thread.name / "children").read_text().split())


def kill(pid: int) -> None:
    """End ``pid``, which leads a process group, and all its descendants, also those that left the group."""
    known: set[int] = set()
    for _ in range(ROUNDS):             # stopped first, so that none starts another one meanwhile
        new = set(members(pid)) - known
        if not new:
            break
        for process in new:
            _signal(process, signal.SIGSTOP)
        known |= new
    with contextlib.suppress(OSError):  # a group may go on after its leader has gone
        os.killpg(pid, signal.SIGKILL)
    for process in known:
        _signal(process, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, number)


class Watch:
    """Ends a tree that takes more than its limits; ``exceeded`` then says what it took too much of."""

    def __init__(self, pid: int, limits: Limits):
        self.pid, self.limits, self.exceeded, self.started = pid, limits, "", time.monotonic()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self.exceeded and (PROC / str(self.pid) / "stat").exists():
            self.exceeded = self._too_much(members(self.pid))
            if self.exceeded:
                kill(self.pid)
            time.sleep(PAUSE)

    def _too_much(self, processes: list[int]) -> str:
        limits = self.limits
        if time.monotonic() - self.started > limits.life:
            return f"it lived for more than {limits.life:g} s"
        if len(processes) > limits.processes:
            return f"it started more than {limits.processes} processes"
        used = [used_by(process) for process in processes]
        if sum(memory for memory, _ in used) > limits.gigabytes * 2**30 and sum(map(memory_of, processes)) > limits.gigabytes * 2**30:
            return f"it and what it started took more than {limits.gigabytes:g} GiB of memory"
        if sum(seconds for _, seconds in used) > limits.seconds:
            return f"it and what it started computed for more than {limits.seconds:g} s"
        return ""


def used_by(pid: int) -> tuple[int, float]:
    """(bytes of memory, seconds of all cores with those of children that have ended)"""
    try:
        pages = (PROC / str(pid) / "statm").read_text().split()[1]
        times = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[11:15]
    except OSError:
        return 0, 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE"), sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> int:
    """Bytes of memory, of what several processes share its part: takes the kernel longer to count."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return used_by(pid)[0]
