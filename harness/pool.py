"""Worker processes from the outside: start them with pinned threads, ask them to train, notice when they die or hang."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time

from harness.task import ROOT

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
                    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
TRACEBACK_LINES = 12


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def environment(threads: int) -> dict[str, str]:
    """For a worker: every thread pool at ``threads`` (OpenBLAS, oneDNN and TensorFlow each spin their own), no GPU."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1",
             "PYTHONUNBUFFERED": "1", "PYTHONPATH": os.pathsep.join(p for p in (str(ROOT), os.environ.get("PYTHONPATH")) if p)}
    return {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads)), **quiet}


class Worker:
    """One framework in a process of its own. ``timeout``: seconds without a sign of life after which it is ended.

    The process starts at once, so that several import their frameworks side by side; one that died is started anew by
    the next request.
    """

    def __init__(self, framework: str, threads: int = 1, timeout: float = 300):
        self.framework, self.threads, self.timeout = framework, threads, timeout
        self.version = None
        self.import_seconds = None
        self._stopped = False
        self._start()

    def _start(self):
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "harness.worker", self.framework], cwd=os.getcwd(), env=environment(self.threads),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True, encoding="utf-8",
            start_new_session=True)         # Ctrl-C is for the parent, which then ends its workers
        self._events = queue.Queue()
        threading.Thread(target=self._listen, args=(self._process, self._events), daemon=True).start()

    @staticmethod
    def _listen(process, events):
        for line in process.stdout:
            events.put(json.loads(line))
        events.put({"event": "died", "code": process.wait()})

    def run(self, request: dict, on_step=lambda event: None) -> dict:
        """Send ``request``; return the event that ends it: "done", "differs" or "failed" (with message, traceback)."""
        if self._process.poll() is not None and not self._stopped:
            self._start()
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
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
                case "step":
                    step = event["step"]
                    on_step(event)
                case "rung":
                    on_step(event)
                case "died":
                    return self._failed(_cause(event["code"]) + (f" after step {step}" if step else ""))
                case _:
                    return event

    def _hung(self, step):
        if hasattr(signal, "SIGUSR1"):
            self._process.send_signal(signal.SIGUSR1)       # faulthandler writes where it is to the log
            time.sleep(0.5)
        self.kill()
        where = f"after step {step}" if step else "before its first step"
        return self._failed(f"no sign of life for {self.timeout:g} s {where}; it was ended", hung=True)

    def _failed(self, message, hung=False):
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        return {"event": "failed", "message": message, "hung": hung, "traceback": "\n".join(lines[-TRACEBACK_LINES:])}

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def stop(self):
        """End the process, whatever it does, for good: a run in progress returns "failed"."""
        self._stopped = True
        self.kill()

    def close(self):
        self.stop()
        self._process.stdin.close()
        self._log.close()


def _cause(code: int) -> str:
    if code < 0:
        return f"the process was killed by {signal.Signals(-code).name}"
    return f"the process ended with code {code}"
