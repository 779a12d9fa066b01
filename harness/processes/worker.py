"""Worker processes from the outside: start them with pinned threads, ask them for jobs, notice when they die or hang.

What a worker says is not trusted: it may be a learner's code that speaks. A line that is none, or that belongs to another
request than the one in hand, ends it.
"""

import contextlib
import math
import os
import queue
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from harness.processes import seccomp, tree, wire
from harness.processes.machine import environment
from harness.processes.sandbox import Sandbox

TRACEBACK_LINES, TRACEBACK_BYTES = 12, 16384        # of the end of what a process wrote; it may have written gigabytes
MESSAGE, SAID_LINES = 4000, 400     # letters of a message, lines of a traceback, of what a process says of its own failure
WAITING = 8             # events that are kept until they are heard; who writes more has to wait
# A process ends with the thread that started it (``machine.end_with_parent``): one that lasts as long as this program.
_starter = ThreadPoolExecutor(1, thread_name_prefix="starts workers")
Event = dict[str, Any]
LAST = ("done", "differs", "failed")                # what ends a request
OURS, FIRST = -1, 0     # in place of a request's number: what is noticed here; what a process says as it starts


class Worker:
    """One framework in a process of its own. ``timeout``: seconds without a sign of life after which it is ended.

    The process starts at once, so that several import their frameworks side by side; one that died is started anew by
    the next request. ``sandbox``: what it is shut into. ``limits``: what it and all it starts may take, watched from here.
    """

    def __init__(self, framework: str, threads: int = 1, timeout: float = 300, sandbox: Sandbox | None = None,
                 limits: tree.Limits | None = None):
        self.framework, self.threads, self.timeout, self.sandbox, self.limits = framework, threads, timeout, sandbox, limits
        self.version: str | None = None
        self.import_seconds: float | None = None
        self._stopped = False
        self._start()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _start(self) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()
        command = [sys.executable, "-m", "harness.processes.child", self.framework]
        variables = {**environment(self.threads), "PYTHONSAFEPATH": "1"}    # no torch.py of the current folder stands before PyTorch
        with seccomp.opened() if self.sandbox else contextlib.nullcontext() as rules:
            descriptors = [rules.fileno()] if rules else []
            if self.sandbox:
                command, variables = self.sandbox.around(command, variables, *descriptors)
            self._process = _starter.submit(
                subprocess.Popen, command, cwd=os.getcwd(), env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=self._log, pass_fds=descriptors, start_new_session=True).result()    # Ctrl-C is for the parent
        assert self._process.stdin and self._process.stdout
        self._requests, self._number, self._ready, self._ended = self._process.stdin, FIRST, False, threading.Event()
        os.set_blocking(self._requests.fileno(), False)
        self._events: queue.Queue[Event] = queue.Queue(WAITING)
        threading.Thread(target=_listen, args=(self._process, self._events, self._ended), daemon=True).start()
        self._watch = tree.Watch(self._process.pid, self.limits) if self.limits else None

    def run(self, job: str, on_event: Callable[[Event], None] | None = lambda event: None, **arguments: Any) -> Event:
        """Have ``job``, "module:function", done; return the event that ends it: "done", "differs" or "failed" (with
        message, traceback). ``on_event`` hears of all that comes before; None: nothing may come."""
        if self._process.poll() is not None and not self._stopped:
            self.kill()
            self._start()
        self._number += 1
        seconds = self.timeout if math.isfinite(self.timeout) else None
        step = 0
        try:
            self._send({"job": job, "number": self._number, "seconds": seconds, "arguments": arguments})
        except TimeoutError:
            return self._hung(step)
        except OSError:
            pass                            # it died: the event below says so
        while True:
            try:
                event = self._events.get(timeout=seconds)
            except queue.Empty:
                return self._hung(step)
            kind, number = event["event"], event.pop("number")
            if number == OURS:
                if kind == "died":
                    return {**self._failed(self._cause(event["code"]) + (f" after step {step}" if step else "")),
                            "signal": bool(self._signalled(event["code"])) and not (self._watch and self._watch.exceeded)}
                return self._garbled(event["message"])
            if number == FIRST and not self._ready:         # of its start, whatever is asked first
                if kind == "failed":
                    return _said(event) | {"started": False}
                self._ready, self.version, self.import_seconds = True, event.get("version"), event.get("import_seconds")
            elif number != self._number:
                return self._garbled("it said what it was not asked")
            elif kind in LAST:
                return event if kind == "done" else _said(event)
            elif on_event is None:
                return self._garbled("it said more than it was asked")
            else:
                step = event.get("step", step)
                on_event(event)

    def _send(self, request: dict[str, Any]) -> None:
        """Raises TimeoutError if the process does not read it, OSError if it has gone."""
        left, descriptor = memoryview((wire.dumps(request) + "\n").encode()), self._requests.fileno()
        ends = time.monotonic() + self.timeout
        while left:
            wait = ends - time.monotonic()
            if wait <= 0 or not select.select([], [descriptor], [], min(wait, 3600))[1]:
                raise TimeoutError
            with contextlib.suppress(BlockingIOError):
                left = left[os.write(descriptor, left[:2**16]):]

    def _hung(self, step: int) -> Event:
        self.kill()
        where = f"after step {step}" if step else "before its first step"
        return self._failed(f"no response for {self.timeout:g} s {where}; the process was stopped", hung=True)

    def _garbled(self, why: str) -> Event:
        self.kill()
        return {**self._failed(f"the process was ended: {why}"), "garbled": True}

    def _failed(self, message: str, hung: bool = False) -> Event:
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - TRACEBACK_BYTES))
        log = self._log.read().decode(errors="replace")
        return {"event": "failed", "message": wire.plain(message, MESSAGE), "hung": hung, "started": self._ready,
                "traceback": wire.plain_traceback(log, TRACEBACK_LINES, TRACEBACK_BYTES)}

    def _cause(self, code: int) -> str:
        if self._watch and self._watch.exceeded:
            return f"the process was ended: {self._watch.exceeded}"
        number = self._signalled(code)
        return f"the process was killed by {signal.Signals(number).name}" if number else f"the process ended with code {code}"

    def _signalled(self, code: int) -> int:
        """The number of the signal that a code says ended it, or 0."""
        number = code - 128 if self.sandbox and code > 128 else -code       # so bubblewrap tells of a signal
        return number if number in set(signal.Signals) else 0

    def kill(self) -> None:
        """End the process and what it has started; the next request starts it anew."""
        if not self._ended.is_set():            # once: the number may be another's afterwards
            self._ended.set()
            tree.kill(self._process.pid)
        self._process.wait()

    def stop(self) -> None:
        """End the process, whatever it does, for good: a run in progress returns "failed"."""
        self._stopped = True
        self.kill()

    def close(self) -> None:
        """``stop``, and close what the process was reached by."""
        self.stop()
        with contextlib.suppress(OSError):      # what was asked of one that had died already
            self._requests.close()
        self._log.close()


def _listen(process: subprocess.Popen[bytes], events: "queue.Queue[Event]", ended: threading.Event) -> None:
    """Put what ``process`` says into ``events``, as far as it is to be heard, and at last that it died."""
    def put(event: Event) -> None:
        while True:
            try:
                return events.put(event, timeout=1)
            except queue.Full:
                if ended.is_set():              # nobody listens any more
                    return

    assert process.stdout
    while line := process.stdout.readline(wire.LINE):
        event = _event(line)
        garbled = event["number"] == OURS       # before it is given away
        put(event)
        if garbled:
            break
    put({"event": "died", "number": OURS, "code": process.wait()})
    process.stdout.close()


def _event(line: bytes) -> Event:
    """What a line says, or what is wrong with it."""
    try:
        event = wire.loads(line)
    except wire.WireError as error:
        why = f"it wrote more than {wire.LINE} bytes in a line" if len(line) >= wire.LINE else f"what it wrote is {error}"
        return {"event": "garbled", "number": OURS, "message": why}
    if isinstance(event, dict) and isinstance(event.get("event"), str) and type(event.get("number")) is int and event["number"] >= 0 \
            and (event["event"] not in ("differs", "failed") or isinstance(event.get("message"), str)):
        return event
    return {"event": "garbled", "number": OURS, "message": "what it wrote is no event"}


def _said(event: Event) -> Event:
    """What a process says went wrong, and nothing that only this side can know."""
    text = event.get("traceback")
    known = {"event": event["event"], "message": wire.plain(event["message"], MESSAGE)}
    return {**known, "traceback": wire.plain_traceback(text, SAID_LINES, TRACEBACK_BYTES)} if isinstance(text, str) else known
