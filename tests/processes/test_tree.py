"""A process and all that it has started: found, watched, ended, also those that left its group."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from running import gone

from harness.processes import tree
from harness.processes.tree import Limits, Watch

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")

LEAVES = """
import os, subprocess, sys, time
subprocess.Popen(["sleep", "300"])
if os.fork() == 0:
    os.setsid()                     # another session, so another group
    subprocess.Popen(["sleep", "300"])
    time.sleep(300)
print("ready", flush=True)
time.sleep(300)
"""
TAKES = """
import sys, time
kept = bytearray(int(float(sys.argv[1]) * 2**30))
kept[::4096] = b"x" * len(kept[::4096])
print("ready", flush=True)
time.sleep(60)
"""
COMPUTES = "import time\nends = time.monotonic() + 60\nwhile time.monotonic() < ends: pass"
FORKS = "import subprocess, time\nkept = [subprocess.Popen(['sleep', '60']) for _ in range(12)]\ntime.sleep(60)"
SHARES = """
import os, time
kept = bytearray(150 * 2**20)
kept[::4096] = b"x" * len(kept[::4096])
for _ in range(5):
    if os.fork() == 0:
        break
time.sleep(1.5)
"""


def started(code, *arguments, wait=True):
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, start_new_session=True)
    if wait:
        assert process.stdout.readline() == "ready\n"
    return process


def test_all_are_found_and_ended():
    process = started(LEAVES)
    time.sleep(0.3)
    everyone = tree.members(process.pid)
    assert len(everyone) == 4 and everyone[0] == process.pid
    tree.kill(process.pid)
    process.wait(timeout=20)
    assert gone(*everyone)


def test_one_that_has_gone():
    process = subprocess.Popen(["true"], start_new_session=True)
    process.wait()
    tree.kill(process.pid)              # nothing raised
    assert tree.members(process.pid) == [process.pid]


@pytest.mark.parametrize("code, arguments, limits, what", [
    (TAKES, ["0.5"], Limits(0.25), "took more than 0.25 GiB of memory"),
    (COMPUTES, [], Limits(4, seconds=0.5), "computed for more than 0.5 s"),
    ("import time; time.sleep(60)", [], Limits(4, life=0.5), "lived for more than 0.5 s"),
    (FORKS, [], Limits(4, processes=8), "started more than 8 processes"),
])
def test_who_takes_too_much_is_ended(code, arguments, limits, what):
    process = started(code, *arguments, wait=False)
    watch = Watch(process.pid, limits)
    assert process.wait(timeout=50) < 0 and what in watch.exceeded


def test_memory_that_is_shared_counts_once():
    process = started(SHARES, wait=False)       # six of them see 150 MiB
    watch = Watch(process.pid, Limits(0.5))
    assert process.wait(timeout=50) == 0 and not watch.exceeded
