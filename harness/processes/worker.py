"""Worker processes from the outside: start them with pinned threads, ask them for jobs, notice when they die or hang."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from harness.processes.machine import environment

TRACEBACK_LINES, TRACEBACK_BYTES = 12, 16384        # of the end of what a process wrote; it may have written gigabytes
# A process ends with the thread that started it (``machine.end_with_parent``): one that lasts as long as this program.
_starter = ThreadPoolExecutor(1, thread_name_prefix="starts workers")
Event = dict[str, Any]


class Worker:
    """One framework in a process of its own. ``timeout``: seconds without a sign of life after which it is ended.

    The process starts at once, so that several import their frameworks side by side; one that died is started anew by
    the next request.
    """

    def __init__(self, framework: str, threads: int = 1, timeout: float = 300):
        self.framework, self.threads, self.timeout = framework, threads, timeout
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
        self._process = _starter.submit(
            subprocess.Popen, [sys.executable, "-m", "harness.processes.child", self.framework], cwd=os.getcwd(),
            env=environment(self.threads), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            encoding="utf-8", start_new_session=True).result()        # Ctrl-C is for the parent, which then ends its workers
        assert self._process.stdin and self._process.stdout
        self._ended = False
        self._requests: IO[str] = self._process.stdin
        self._events: queue.Queue[Event] = queue.Queue()
        threading.Thread(target=self._listen, args=(self._process, self._process.stdout, self._events), daemon=True).start()

    @staticmethod
    def _listen(process: subprocess.Popen[str], lines: IO[str], events: "queue.Queue[Event]") -> None:
        for line in lines:
            events.put(json.loads(line))
        events.put({"event": "died", "code": process.wait()})

    def run(self, job: str, on_event: Callable[[Event], None] = lambda event: None, **request: Any) -> Event:
        """Have ``job``, "module:function", done; return the event that ends it: "done", "differs" or "failed" (with
        message, traceback). ``on_event`` hears of all that comes before."""
        if self._process.poll() is not None and not self._stopped:
            self.kill()
            self._start()
        try:
            self._requests.write(json.dumps({"job": job, **request}) + "\n")
            self._requests.flush()
        except OSError:
            pass                            # it died: the event below says so
        step = 0
        while True:
            try:
                event = self._events.get(timeout=self.timeout)
            except queue.Empty:
                return self._hung(step)
            match event["event"]:
                case "ready":
                    self.version, self.import_seconds = event["version"], event["seconds"]
                case "died":
                    return self._failed(_cause(event["code"]) + (f" after step {step}" if step else ""))
                case "done" | "differs" | "failed":
                    return event
                case _:
                    step = event.get("step", step)
                    on_event(event)

    def _hung(self, step: int) -> Event:
        if hasattr(signal, "SIGUSR1"):
            self._process.send_signal(signal.SIGUSR1)       # faulthandler writes where it is to the log
            time.sleep(0.5)
        self.kill()
        where = f"after step {step}" if step else "before its first step"
        return self._failed(f"no response for {self.timeout:g} s {where}; the process was stopped", hung=True)

    def _failed(self, message: str, hung: bool = False) -> Event:
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - TRACEBACK_BYTES))
        lines = self._log.read().decode(errors="replace").splitlines()
        return {"event": "failed", "message": message, "hung": hung, "traceback": "\n".join(lines[-TRACEBACK_LINES:])}

    def kill(self) -> None:
        """End the process and what it has started; the next request starts it anew."""
        if not self._ended:                     # once: the number may be another's afterwards
            with contextlib.suppress(OSError):  # a group may go on after its leader has gone
                os.killpg(self._process.pid, signal.SIGKILL)
            self._ended = True
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


def _cause(code: int) -> str:
    if code < 0:
        return f"the process was killed by {signal.Signals(-code).name}"
    return f"the process ended with code {code}"
