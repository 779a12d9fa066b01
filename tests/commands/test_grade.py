"""``grade`` from a folder of submissions to grades, pages and exports; it goes on; what is wrong with a call is one line."""

import csv

import pytest

from harness import tasks
from harness.tasks import mistakes
from harness.work import stub

TASK = tasks.load("ae")
ANSWER = tasks.answer_path(TASK, "chainer").read_text(encoding="utf-8")
RIGHT = stub.solution(ANSWER)
NAME, EDITS = next(iter(mistakes.edits(TASK, "chainer").items()))


@pytest.fixture
def handed_in(tmp_path):
    folder = tmp_path / "submissions"
    for student, source in {"ada": RIGHT, "bo": mistakes.edited(RIGHT, EDITS), "cy": stub.stub(ANSWER)}.items():
        (folder / student).mkdir(parents=True)
        (folder / student / "ae_chainer.py").write_text(source, encoding="utf-8")
    (folder / "di").mkdir()
    (tmp_path / "sheet.toml").write_text('name = "Sheet"\ntasks = ["ae"]\n[points]\nforward = 3\ncurve = 1\n')
    return folder


@pytest.mark.timeout(600)
def test_a_class(inside, handed_in, tmp_path):
    out = tmp_path / "grades"
    command = ["grade", handed_in, "--assignment", tmp_path / "sheet.toml", "--out", out, "--workers", "2", "--export", "canvas",
               "--export", "gradescope"]
    done = inside(*command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ada ae Chainer: passed, 4 of 4" in done.stdout and "4 submissions: " in done.stdout
    with open(out / "grades.csv", encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert {student: (row["state"], float(row["points"])) for student, row in rows.items() if student != "di"} == {
        "ada": ("passed", 4.0), "bo": ("wrong", float(rows["bo"]["points"])), "cy": ("not attempted", 0.0)}
    assert rows["bo"]["mistakes"] == NAME and "ada" not in (out / "pages" / "bo.html").read_text(encoding="utf-8")
    assert (out / "index.html").is_file() and (out / "canvas" / "grades.csv").is_file() and (out / "gradescope" / "ada" / "results.json").is_file()

    refused = inside(*command)
    assert refused.returncode == 2 and "--resume" in refused.stderr and refused.stderr.count("\n") == 1
    (handed_in / "cy" / "ae_chainer.py").write_text(RIGHT, encoding="utf-8")
    before = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    again = inside(*command, "--resume")
    assert again.returncode == 0 and "3 of 4 are graded already" in again.stdout and "cy ae Chainer: passed" in again.stdout
    after = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert after[:len(before)] == before and len(after) == len(before) + 1


@pytest.mark.parametrize("more, message", [
    (["--export", "gradscope"], "unknown format 'gradscope': did you mean 'gradescope'?"), (["--task", "vea"], "did you mean 'vae'?"),
    (["--oracle", "torch"], "unknown framework 'torch'"), (["--assignment", "none.toml"], "none.toml: cannot be read"),
    (["--student", "("], "expression"), (["--dask", "nonsense://x"], "no Dask scheduler answers at"),
])
def test_bad_usage(inside, handed_in, tmp_path, more, message):
    done = inside("grade", handed_in, "--out", tmp_path / "grades", *more)
    assert done.returncode == 2 and message in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert not (tmp_path / "grades" / "grades.csv").exists()


def test_nothing_there(inside, tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "none"):
        done = inside("grade", folder, "--out", tmp_path / "grades")
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and str(folder) in done.stderr, done.stderr
