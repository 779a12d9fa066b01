"""What is moved aside gets a free name; a folder is one process's alone, until that ends."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from harness.data import written
from harness.messages import WorkbookError


def test_a_free_name_is_found(tmp_path):
    for number in range(3):
        (tmp_path / "a.py").write_text(str(number))
        written.aside(tmp_path / "a.py")
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / str(number)).touch()
        written.aside(tmp_path / "run")
    files, folders = sorted(tmp_path.glob("a.*.py.bak*")), [p for p in tmp_path.iterdir() if p.is_dir()]
    assert sorted(p.read_text() for p in files) == ["0", "1", "2"]
    assert sorted(q.name for p in folders for q in p.iterdir()) == ["0", "1", "2"]


def test_the_current_folder_has_a_name(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert re.fullmatch(r"here\.[\d-]+", written.aside(written.Path(".")).name)
    with pytest.raises(WorkbookError, match="cannot be moved"):
        written.aside(written.Path("/"))


def test_an_empty_folder_goes_and_a_full_one_stays(tmp_path):
    with written.alone(tmp_path / "a" / "run"):
        assert written.things(tmp_path / "a" / "run") == []
    assert not (tmp_path / "a" / "run").exists()
    (tmp_path / "empty").mkdir()
    with written.alone(tmp_path / "empty"):         # somebody made it: it is not ours to take away
        pass
    assert list((tmp_path / "empty").iterdir()) == []
    with written.alone(tmp_path / "run"):
        (tmp_path / "run" / "there").touch()
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["there"]
    with pytest.raises(WorkbookError, match="is not a folder"), written.alone(tmp_path / "run" / "there"):
        pass


def test_a_folder_is_tried_before_the_work(tmp_path):
    written.prepare(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []
    for nowhere in (tmp_path / "file" / "x", tmp_path / ("x" * 300), written.Path("/proc/self/fd")):
        (tmp_path / "file").touch()
        with pytest.raises(OSError):
            written.prepare(nowhere)


HOLD = "import sys, time; from harness.data.written import *\nwith alone(Path(sys.argv[1])): print(1, flush=True); time.sleep(60)"


def test_the_second_is_told_who_is_there_and_a_kill_gives_it_back(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "run")], stdout=subprocess.PIPE) as holder:
        try:
            holder.stdout.readline()
            with pytest.raises(WorkbookError, match=f"^process {holder.pid} on .* is at work in"), written.alone(tmp_path / "run"):
                pass
        finally:
            os.kill(holder.pid, signal.SIGKILL)
    with written.alone(tmp_path / "run"):
        assert written.things(tmp_path / "run") == []


def test_a_folder_that_is_moved_aside_takes_its_lock_along(tmp_path):
    """... and the new one is another, of which the old lock's end takes nothing away."""
    with written.alone(tmp_path / "run"):
        (tmp_path / "run" / "old").touch()
        written.aside(tmp_path / "run")
        with written.alone(tmp_path / "run"):
            (tmp_path / "run" / "new").touch()
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["new"]


RACE = """
import os, sys
from harness.data.written import *
folder, until = Path(sys.argv[1]), float(sys.argv[2])
import time
while time.time() < until:
    try:
        with alone(folder):
            mine = os.open(folder.with_name("inside"), os.O_CREAT | os.O_EXCL)     # fails where another is inside too
            os.close(mine)
            os.unlink(folder.with_name("inside"))
    except WorkbookError:
        pass
"""


def test_never_two_at_a_time(tmp_path):
    """Though the lock's file goes and comes again, thousands of times."""
    processes = [subprocess.Popen([sys.executable, "-c", RACE, str(tmp_path / "run"), str(time.time() + 3)], stderr=subprocess.PIPE)
                 for _ in range(3)]
    assert [(p.communicate(timeout=60)[1], p.returncode) for p in processes] == [(b"", 0)] * 3
