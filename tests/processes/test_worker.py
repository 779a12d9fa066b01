"""A process from the outside: what it says comes through, and whatever becomes of it is noticed."""

import os
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from running import alive, gone

from harness.processes.machine import PACKAGE, environment
from harness.processes.sandbox import Sandbox
from harness.processes.wire import LETTERS, LINE
from harness.processes.worker import MESSAGE, TRACEBACK_BYTES, WAITING, Worker

JOBS = '''
import os, sys, time
from harness.tasks import AnswerError

def add(session, a, b):
    session.emit(event="step", step=1)
    print("to standard error, not to the events")
    return {"sum": a + b, "framework": session.framework}

def count(session):
    session.kept["n"] = session.kept.get("n", 0) + 1
    return {"n": session.kept["n"]}

def refuse(session): raise AnswerError("not what was asked for")
def raises(session): raise ValueError("no\\nway")
def ends(session): sys.exit(0)
def dies(session): os._exit(3)
def floods(session, megabytes):
    for _ in range(megabytes): os.write(2, b"x" * 2**20)
    os._exit(3)
def asks(session): return {"answer": input("? ")}
def has_a_child(session):
    import subprocess
    return {"pid": subprocess.Popen(["sleep", "300"]).pid}
def never_lets_go(session):
    session.emit(event="step", step=1)
    sum(range(10**13))                      # within C, and no other thread runs
def hangs(session):
    session.emit(event="step", step=1)
    while True: time.sleep(0.01)
'''


@pytest.fixture
def worker(tmp_path, monkeypatch):
    (tmp_path / "jobs_of_a_test.py").write_text(JOBS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Worker("chainer", timeout=60) as started:
        yield started


def test_jobs_are_done_and_heard(worker):
    heard = []
    event = worker.run("jobs_of_a_test:add", heard.append, a=2, b=3)
    assert event == {"event": "done", "sum": 5, "framework": "chainer"} and heard == [{"event": "step", "step": 1}]
    assert worker.version == "7.8.1" and worker.import_seconds > 0
    assert [worker.run("jobs_of_a_test:count")["n"] for _ in range(3)] == [1, 2, 3]


def test_what_goes_wrong_is_said_and_the_process_goes_on(worker):
    assert worker.run("jobs_of_a_test:refuse") == {"event": "differs", "message": "not what was asked for"}
    raised = worker.run("jobs_of_a_test:raises")
    assert raised["event"] == "failed" and raised["message"] == "ValueError: no" and "def raises" in raised["traceback"]
    assert worker.run("jobs_of_a_test:ends")["message"] == "SystemExit: 0"
    assert worker.run("jobs_of_a_test:no_such_job")["event"] == "failed"
    assert worker.run("jobs_of_a_test:count")["n"] == 1


def test_one_that_died_starts_anew(worker):
    died = worker.run("jobs_of_a_test:dies")
    assert died["event"] == "failed" and died["message"] == "the process ended with code 3" and not died["hung"]
    assert worker.run("jobs_of_a_test:count")["n"] == 1


def test_one_that_hangs_is_ended_and_says_where(worker):
    worker.run("jobs_of_a_test:count")              # the framework is there
    worker.timeout, started = 2, time.monotonic()
    hung = worker.run("jobs_of_a_test:hangs")
    assert hung["hung"] and "no response for 2 s" in hung["message"] and "in hangs" in hung["traceback"]
    assert time.monotonic() - started < 30


def test_a_stopped_one_does_not_come_back(worker):
    worker.stop()
    assert worker.run("jobs_of_a_test:count")["event"] == "failed"


def test_threads_are_pinned():
    found = environment(3)
    assert found["OMP_NUM_THREADS"] == found["TF_NUM_INTRAOP_THREADS"] == "3" and found["CUDA_VISIBLE_DEVICES"] == "-1"


def test_nobody_answers_input_and_no_request_is_eaten(worker):
    assert worker.run("jobs_of_a_test:asks")["message"].startswith("EOFError")
    assert worker.run("jobs_of_a_test:count")["n"] == 1


def test_only_the_end_of_what_was_written_is_read(worker):
    tracemalloc.start()
    died = worker.run("jobs_of_a_test:floods", megabytes=64)
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20 and len(died["traceback"]) <= TRACEBACK_BYTES
    tracemalloc.stop()
    assert died["message"] == "the process ended with code 3"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_what_a_worker_started_ends_with_it(worker):
    pid = worker.run("jobs_of_a_test:has_a_child")["pid"]
    assert alive(pid)
    worker.kill()
    assert gone(pid)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
@pytest.mark.parametrize("job", ["hangs", "never_lets_go"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP])
def test_no_worker_outlives_the_harness(tmp_path, job, how):
    (tmp_path / "jobs_of_a_test.py").write_text(JOBS)
    program = ("import sys; from harness.processes.worker import Worker; w = Worker('chainer', timeout=60); "
               "w.run('jobs_of_a_test:count'); "
               f"w.run('jobs_of_a_test:{job}', lambda event: print(w._process.pid, flush=True))")
    harness = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PACKAGE), str(tmp_path)])})
    pid = int(harness.stdout.readline())
    assert alive(pid)
    harness.send_signal(how)
    harness.wait(timeout=30)
    assert gone(pid)


SPEAKS = '''
import json, os, sys, threading, time

def _line(text):
    """To whatever is not standard input, output or error."""
    for fd in range(3, 20):
        try:
            os.write(fd, text.encode())
        except OSError:
            pass

def forges(session, text):
    _line(text)
    return {"sum": 5}
def floods_events(session):
    while True: session.emit(event="step", step=1)
def long_line(session):
    for _ in range(100): _line("x" * 2**20)
    return {}
def deaf(session):
    import ctypes
    for fd in range(3, 20):
        try: os.close(fd)
        except OSError: pass
    time.sleep(60)
'''


@pytest.fixture
def speaker(tmp_path, monkeypatch):
    (tmp_path / "jobs_that_speak.py").write_text(SPEAKS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Worker("chainer", timeout=60) as started:
        yield started


@pytest.mark.parametrize("text, why", [
    ("nonsense\n", "what it wrote is no message"),
    ("[1, 2]\n", "what it wrote is no event"),
    ('{"event": "done"}\n', "what it wrote is no event"),
    ('{"event": "died", "number": -1, "code": 0}\n', "what it wrote is no event"),
    ('{"event": "failed", "number": 1}\n', "what it wrote is no event"),
    ('{"event": "done", "number": 7}\n', "it said what it was not asked"),
    ('{"event": "ready", "number": 0, "version": "9"}\n', "it said what it was not asked"),
    ('{"event": "step", "number": 1}\n', "it said more than it was asked"),
])
def test_what_a_process_was_not_asked_ends_it(speaker, text, why):
    event = speaker.run("jobs_that_speak:forges", None, text=text)
    assert event["event"] == "failed" and event["garbled"] and why in event["message"]
    assert speaker.run("jobs_that_speak:forges", None, text="")["sum"] == 5        # another process


def test_an_answer_that_is_given_twice_is_noticed_with_the_next(speaker):
    forged = '{"event": "done", "number": 1, "sum": 6}\n'
    assert speaker.run("jobs_that_speak:forges", None, text=forged)["sum"] == 6      # only its own word
    assert "it said what it was not asked" in speaker.run("jobs_that_speak:forges", None, text="")["message"]


def test_no_line_is_longer_than_it_may_be(speaker):
    tracemalloc.start()
    event = speaker.run("jobs_that_speak:long_line", None)
    assert "it wrote more than" in event["message"] and tracemalloc.get_traced_memory()[1] < 4 * LINE
    tracemalloc.stop()


def test_a_flood_of_events_waits(speaker):
    heard = []

    def hear(event):
        heard.append(event)
        if len(heard) == 100:
            speaker.stop()

    assert speaker.run("jobs_that_speak:floods_events", hear)["event"] == "failed"
    assert len(heard) < 100 + WAITING + 2**16 / 40        # what the pipe holds


def test_one_that_does_not_read_is_ended(speaker):
    speaker.run("jobs_that_speak:forges", None, text="")
    speaker.timeout = 2
    assert speaker.run("jobs_that_speak:deaf", None)["event"] == "failed"
    with Worker("chainer", timeout=3) as worker:
        worker.run("jobs_that_speak:forges", None, text="")
        os.kill(worker._process.pid, signal.SIGSTOP)
        assert worker.run("jobs_that_speak:forges", None, text="x" * 2**21)["hung"]


def test_a_failure_says_only_what_a_process_can_know(speaker):
    """That it hung or that a signal ended it is seen from here; its traceback is text, or nothing."""
    forged = ('{"event": "failed", "number": 1, "message": "a\\ud800\\u001b[2Jb", "traceback": 5, "hung": true, "signal": true}\n')
    assert speaker.run("jobs_that_speak:forges", None, text=forged) == {"event": "failed", "message": "a?\N{REPLACEMENT CHARACTER}[2Jb"}
    forged = '{"event": "failed", "number": 2, "message": "%s", "traceback": "%s"}\n' % ("x" * 10**6, "9" * 10**6)
    with Worker("chainer", timeout=60) as worker:
        worker.run("jobs_that_speak:forges", None, text="")
        event = worker.run("jobs_that_speak:forges", None, text=forged)
    assert len(event["message"]) <= MESSAGE and len(event["traceback"]) <= LETTERS


def test_a_code_that_is_no_signal():
    """In a sandbox, which tells of a signal by a code."""
    with Worker("chainer", timeout=60, sandbox=Sandbox()) as worker:
        for code, number in ((0, 0), (1, 0), (3, 0), (128, 0), (128 + 9, 9), (128 + 127, 0), (255, 0), (-11, 11), (-9, 9)):
            assert worker._signalled(code) == number and worker._cause(code)
