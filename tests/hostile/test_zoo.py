"""Whatever is handed in: it gets a result, passes only if it is right, and nothing of it stays.

Each kind of beast is one test: they are judged several at once, and the machine is looked at afterwards.
"""

import contextlib
import importlib
import json
import os
import secrets
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT

from harness.feedback import check
from harness.feedback.ladder import RUNGS
from harness.grading.judge import STATES, Piece, judged
from harness.grading.oracle import Oracle
from harness.processes import sandbox
from harness.processes.machine import cores

KINDS = sorted(path.stem for path in (Path(__file__).parent / "zoo").glob("*.py"))
ZOO = {kind: importlib.import_module(f"zoo.{kind}").beast.beasts for kind in KINDS}
ORACLE = "chainer"
AT_ONCE = cores() + 2           # many of them sleep
MOST = 2**20                    # bytes of a result
WATCHED = ("harness", "questions", "answers", "docs", ".ci")
PLACES = ("/", "/usr", "/usr/lib", "/usr/local", "/etc", "/dev", "/dev/shm", "/tmp", "/var/tmp", "/var", "/run", "/root", "/home", "/opt", "/mnt", "/srv")
pytestmark = pytest.mark.timeout(600)


class Shared(Oracle):
    """One for several judges at once."""

    def __init__(self):
        super().__init__(ORACLE)
        self.lock = threading.RLock()

    def _once(self, key, compute):
        with self.lock:
            return super()._once(key, compute)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """What of the machine must stay as it is, and a secret that nobody is told."""
    canary, marker, secret = tmp_path / "canary", f"zoo-{secrets.token_hex(8)}", secrets.token_hex(16)
    canary.mkdir()
    (canary / "canary").write_text("sings")
    (canary / "home").mkdir()
    monkeypatch.setenv("ZOO_MARKER", marker)
    monkeypatch.setenv("ZOO_SECRET", secret)
    monkeypatch.setattr(sandbox, "PASSED", (*sandbox.PASSED, "ZOO_MARKER"))
    monkeypatch.setattr(check, "ALL_GIGABYTES", 1.0)
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as named, socket.socket(socket.AF_UNIX) as unnamed:
        named.bind(f"\0{marker}")
        unnamed.bind(str(canary / "socket"))
        for one in (server, named, unnamed):
            one.listen()
            one.setblocking(False)
        before = looks(canary)
        told = {"REPOSITORY": str(ROOT), "CANARY": str(canary), "MARKER": marker, "SECRET": secret, "PORT": str(server.getsockname()[1])}
        yield SimpleNamespace(canary=canary, marker=marker, told=told, changed=lambda: changes(before, looks(canary)), heard=heard)
        for one in (server, named, unnamed):
            with contextlib.suppress(BlockingIOError):
                one.accept()
                heard.append(one)
        assert not heard, "somebody called from within"


def looks(canary):
    """Each watched file, with its size, mode and time."""
    found = {}
    for top in (*(ROOT / name for name in WATCHED), canary):
        for folder, folders, files in os.walk(top):
            folders[:] = [name for name in folders if name != "__pycache__"]
            for name in [*files, *folders]:
                with contextlib.suppress(OSError):
                    at = os.lstat(f"{folder}/{name}")
                    found[f"{folder}/{name}"] = (at.st_mode, at.st_uid, at.st_size if name in files else 0, at.st_mtime_ns if name in files else 0)
    return found


def changes(before, after):
    return [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]


def named(marker):
    """Paths anywhere that have the beasts' name."""
    places = [*PLACES, ROOT, *(ROOT / name for name in WATCHED), Path.home()]
    return [str(path) for place in places if os.path.isdir(place) for path in Path(place).glob(f"*{marker}*")]


def alive(marker):
    """Processes that were told the beasts' name."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if int(pid) != os.getpid() and f"ZOO_MARKER={marker}".encode() in Path(f"/proc/{pid}/environ").read_bytes():
                found.append((pid, Path(f"/proc/{pid}/cmdline").read_bytes()[-200:]))
    return found


def results(beasts, machine):
    """[(beast, its result, or what judging it raised)]"""
    def result(beast):
        piece = Piece(beast.submission(**machine.told), secrets.randbelow(2**31), timeout=beast.seconds, cpu_seconds=beast.cpu_seconds,
                      gigabytes=beast.gigabytes)
        try:
            return judged(piece, oracle)
        except BaseException as error:
            return error

    with Shared() as oracle, ThreadPoolExecutor(AT_ONCE) as pool:
        return list(zip(beasts, pool.map(result, beasts), strict=True))


def complaints(beast, result):
    """What is not as it must be."""
    if not isinstance(result, dict):
        return f"judging it raised {type(result).__name__}: {str(result)[:200]}"
    told = json.dumps(result)
    with contextlib.suppress(UnicodeEncodeError):
        json.dumps(result, ensure_ascii=False).encode()
        if "\x1b" in result["message"]:
            return "its message speaks to the terminal"
        if "HOLE" in told:
            return next(text for text in (result["message"], result["printed"], told) if "HOLE" in text)[:300]
        if result["state"] not in STATES or result["state"] not in beast.states or beast.says not in result["message"]:
            return f"{result['state']}: {result['message'][:200]}, not {'/'.join(sorted(beast.states))} {beast.says}"
        if (result["state"] == "passed") != (len(result["rungs"]) == len(RUNGS) and all(rung["status"] == "passed" for rung in result["rungs"])):
            return "its rungs are others than its state"
        return f"its result has {len(told)} bytes" if len(told) > MOST else None
    return "its result cannot be written"


def show(found):
    return [f"{beast.kind}/{beast.name}: {why}" for beast, why in found if why]


@pytest.mark.sampled
@pytest.mark.parametrize("kind", KINDS)
def test_in_a_sandbox(kind, machine):
    if sandbox.why_not():
        pytest.skip(f"no sandbox: {sandbox.why_not()}")
    found = results(ZOO[kind], machine)
    for beast, result in sorted(found, key=lambda pair: -pair[1]["seconds"] if isinstance(pair[1], dict) else 0):
        print(f"{beast.name}: {result['state']}, {result['seconds']:.1f} s, {result['message'][:100]!r}" if isinstance(result, dict) else
              f"{beast.name}: {result!r}")
    assert not show((beast, complaints(beast, result)) for beast, result in found)
    assert all(result["sandbox"] == "bubblewrap" for _, result in found)
    ends = time.monotonic() + 10
    while alive(machine.marker) and time.monotonic() < ends:        # the kernel takes them away in its own time
        time.sleep(0.1)
    assert not alive(machine.marker)
    assert not machine.changed() and not named(machine.marker)


@pytest.mark.rare
def test_verdicts_need_no_sandbox(machine, monkeypatch):
    """Those that forge a verdict do not get one where they run as a plain process, either."""
    monkeypatch.setattr(sandbox, "why_not", lambda: "taken away by this test")
    found = results([beast for kind in ("forging",) for beast in ZOO[kind] if beast.lone], machine)
    assert not show((beast, complaints(beast, result)) for beast, result in found)
    assert all("taken away by this test" in result["sandbox"] for _, result in found)


def test_there_are_enough():
    names = [(beast.kind, beast.name) for beasts in ZOO.values() for beast in beasts]
    assert len(names) == len(set(names)) >= 80
