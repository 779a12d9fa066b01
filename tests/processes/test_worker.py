"""A process from the outside: what it says comes through, and whatever becomes of it is noticed."""

import time

import pytest

from harness.processes.machine import environment
from harness.processes.worker import Worker

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
def hangs(session):
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
    assert hung["hung"] and "no sign of life for 2 s" in hung["message"] and "in hangs" in hung["traceback"]
    assert time.monotonic() - started < 30


def test_a_stopped_one_does_not_come_back(worker):
    worker.stop()
    assert worker.run("jobs_of_a_test:count")["event"] == "failed"


def test_threads_are_pinned():
    found = environment(3)
    assert found["OMP_NUM_THREADS"] == found["TF_NUM_INTRAOP_THREADS"] == "3" and found["CUDA_VISIBLE_DEVICES"] == "-1"
