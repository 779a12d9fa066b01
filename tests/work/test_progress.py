"""progress.json: several processes at one time, and whatever a file may hold."""

import json
import subprocess
import sys

import pytest
from conftest import ROOT

from harness.work import progress
from harness.work.progress import ProgressError

CHECKS = """
import sys
from pathlib import Path
from harness.work import progress
for _ in range(20):
    assert progress.note(Path(sys.argv[1]), lambda done: done.checked(sys.argv[2], "chainer", "passed")) is None
"""


@pytest.mark.timeout(120)
def test_checks_at_one_time_lose_nothing(tmp_path):
    names = ["ae", "vae", "gan"]
    processes = [subprocess.Popen([sys.executable, "-c", CHECKS, tmp_path, name], cwd=ROOT, stderr=subprocess.PIPE) for name in names]
    assert [(p.communicate(timeout=100)[1], p.returncode) for p in processes] == [(b"", 0)] * 3
    done = progress.load(tmp_path)
    assert {name: (of["chainer"].tries, bool(of["chainer"].solved)) for name, of in done.entries.items()} == dict.fromkeys(names, (20, True))
    assert {p.name for p in tmp_path.iterdir()} == {progress.FILE, progress.LOCK}


ENTRY = '{"version": 1, "last": null, "tasks": {"ae": {"chainer": %s}}}'


@pytest.mark.parametrize("text", [
    "", "{", "null", "3", '"text"', "[]", "[" * 100_000, "{}", '{"tasks": null, "last": null}', '{"tasks": {}, "last": "ae"}',
    '{"tasks": {}, "last": ["ae", 3]}', '{"tasks": {}, "last": ["ae", "torch"]}', '{"tasks": {}, "last": ["ae"]}',
    ENTRY % "null", ENTRY % "[]", ENTRY % '{"tries": "many"}', ENTRY % '{"hints": null}', ENTRY % '{"seen": 3}', ENTRY % '{"seen": ["1"]}', ENTRY % '{"rung": null}',
    ENTRY % '{"state": 1}',
    ENTRY % '{"state": "\\ud800"}', ENTRY % '{"solved": true}', ENTRY % '{"other": 1}', ENTRY % '{"two\\nlines": 1}',
    ENTRY % ('{"state": ' + '["long"' + ', "long"' * 10_000 + ']}')])
def test_a_damaged_file_is_kept_aside(tmp_path, text):
    (tmp_path / progress.FILE).write_text(text)
    with pytest.raises(ProgressError, match="cannot be read") as raised:
        progress.load(tmp_path)
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 500
    line = progress.mend(tmp_path)
    (kept,) = tmp_path.glob("*.bak")
    assert kept.read_text() == text and str(kept) in line and "\n" not in line
    assert progress.mend(tmp_path) is None and progress.load(tmp_path).entries == {}


def test_unknown_tasks_are_kept(tmp_path):
    """Of another version of the workbook."""
    content = json.loads(ENTRY % '{"state": "[red]"}')
    content["tasks"]["no task"] = content["tasks"]["ae"]
    (tmp_path / progress.FILE).write_text(json.dumps(content))
    assert progress.mend(tmp_path) is None
    assert progress.note(tmp_path, lambda done: done.hinted("ae", "chainer", 2)) is None
    done = progress.load(tmp_path)
    assert done.entries["no task"]["chainer"].state == "[red]" and done.entries["ae"]["chainer"].seen == [2]


def test_hints_of_an_earlier_version(tmp_path):
    """It kept the number of the last one."""
    (tmp_path / progress.FILE).write_text(ENTRY % '{"tries": 2, "hints": 3}')
    assert progress.note(tmp_path, lambda done: done.hinted("ae", "chainer", 7)) is None
    assert progress.load(tmp_path).entries["ae"]["chainer"].seen == [1, 2, 3, 7]


def test_a_folder_that_cannot_be_written(tmp_path):
    """A folder where the lock is to be: as a folder without permissions, which stop no administrator."""
    progress.note(tmp_path, lambda done: done.checked("ae", "chainer", "wrong"))
    (tmp_path / progress.LOCK).unlink()
    (tmp_path / progress.LOCK).mkdir()
    line = progress.note(tmp_path, lambda done: done.checked("ae", "chainer", "passed"))
    assert line.startswith("your progress was not saved: ") and progress.load(tmp_path).entries["ae"]["chainer"].tries == 1
    (tmp_path / progress.FILE).write_text("{")
    assert progress.mend(tmp_path) is None and (tmp_path / progress.FILE).read_text() == "{"
