"""A worker process from the inside: one framework, imported once, and jobs on request.

Requests are lines on standard input, {"job": "module:function", "number", "seconds", "arguments": {...}}; events are
lines on what was standard output, each with the number of the request that it belongs to; ``wire`` says what a line is.
Whatever the framework or an answer prints goes to standard error. ``worker`` is the other side.
"""

import faulthandler
import importlib
import math
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from harness.processes import wire
from harness.processes.machine import end_with_parent

if TYPE_CHECKING:
    from harness.frameworks import Adapter


GRACE = 1.0             # seconds that a job in hand may still take when the harness has gone
BEFORE = 0.5            # seconds before a job without a word is ended, in which it says where it is


@dataclass
class Session:
    """What a job works with. ``emit``: sends an event; ``kept``: what one job leaves for the next."""

    framework: str
    adapter: "Adapter"
    emit: Callable[..., None]
    kept: dict[str, Any] = field(default_factory=dict)


def main(framework: str) -> None:
    """Import ``framework``, say that it is ready, and do jobs until standard input ends."""
    started = time.perf_counter()
    end_with_parent()
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    requests: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_listen, args=(os.fdopen(os.dup(0), encoding="utf-8"), requests), daemon=True).start()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)        # requests are not for who calls input()
    log = os.dup(2)
    faulthandler.enable(log)
    channel = _Channel(events, log)
    try:
        from harness import frameworks
        adapter = frameworks.load(framework)
    except Exception as error:
        channel.emit(event="failed", message=f"{framework} cannot be imported: {error}", traceback=traceback.format_exc())
        return
    channel.emit(event="ready", version=adapter.version(), import_seconds=time.perf_counter() - started)
    session = Session(framework, adapter, channel.emit)
    while (line := requests.get()) is not None:
        request = wire.loads(line)
        channel.number, channel.seconds = request["number"], request["seconds"]
        channel.watch()
        try:
            _do(session, request["job"], request["arguments"])
        except BrokenPipeError:
            return                                  # the harness is gone
        finally:
            faulthandler.cancel_dump_traceback_later()


class _Channel:
    """Events to the harness. Each is a sign of life; without one for ``seconds``, the log is told where this process is."""

    def __init__(self, events: IO[str], log: int):
        self.events, self.log = events, log
        self.number, self.seconds = 0, math.inf

    def emit(self, **event: Any) -> None:
        self.events.write(wire.dumps({"number": self.number, **event}) + "\n")
        self.events.flush()
        self.watch()

    def watch(self) -> None:
        if math.isfinite(self.seconds):
            faulthandler.dump_traceback_later(max(self.seconds - BEFORE, self.seconds / 2), file=self.log)


def _listen(lines: IO[str], requests: "queue.Queue[str | None]") -> None:
    """Pass requests on. When they end, so does this process, whatever the code in it does, and what it has started."""
    for line in lines:
        requests.put(line)
    requests.put(None)
    time.sleep(GRACE)
    if os.getpgrp() == os.getpid():                     # a group of its own, as worker.py starts it
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def called(job: str) -> Callable[..., dict[str, Any]]:
    """The function that a request names, "module:function"."""
    module, _, name = job.partition(":")
    found: Callable[..., dict[str, Any]] = getattr(importlib.import_module(module), name)
    return found


def _do(session: Session, job: str, arguments: dict[str, Any]) -> None:
    """One job; its last event is "done" with what it returned, or says what went wrong."""
    from harness.tasks import AnswerError

    try:
        session.emit(event="done", **called(job)(session, **arguments))
    except AnswerError as error:
        session.emit(event="differs", message=str(error))
    except BrokenPipeError:
        raise
    except BaseException as error:                  # SystemExit too: an answer must not end the worker
        summary = "".join(traceback.format_exception_only(error)).strip().splitlines()
        session.emit(event="failed", message=summary[0], traceback=traceback.format_exc())


if __name__ == "__main__":
    main(sys.argv[1])
