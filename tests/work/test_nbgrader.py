"""A notebook that nbgrader releases and grades."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from harness import frameworks, tasks
from harness.grading.judge import POINTS
from harness.work import nbgrader, stub
from harness.work.release import nbgrader_course

AE = tasks.load("ae")
NAME = "ae_chainer"
needs_chainer = pytest.mark.skipif("chainer" not in frameworks.installed(), reason="Chainer is not installed")


def source(task=AE, framework="chainer"):
    return json.loads(nbgrader.source(task, framework, POINTS))


def write(path, notebook):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def code(cell):
    return "".join(cell["source"])


def change(notebook, old, new):
    """A copy with another text in one cell."""
    text = json.dumps(notebook)
    assert text.count(json.dumps(old)[1:-1]) == 1
    return json.loads(text.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1]))


WRONG = ("F.mean_squared_error(", "2 * F.mean_squared_error(")


@pytest.mark.parametrize("task", tasks.names())
@pytest.mark.parametrize("framework", frameworks.FRAMEWORKS)
def test_gaps_are_solution_cells_and_one_cell_gives_points(task, framework):
    task = tasks.load(task)
    cells = source(task, framework)["cells"]
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    assert [bool(mark.get("solution")) for mark in marks] == [stub.BEGIN in code(cell) for cell in cells]
    assert [cell["id"] for cell, mark in zip(cells, marks) if mark.get("grade")] == ["check"] and marks[-1]["grade"]
    assert marks[-1]["locked"] and marks[-1]["points"] == sum(POINTS.values())
    assert len({cell["id"] for cell in cells}) == len(cells)
    whole = "\n".join(code(cell) for cell in cells[:-1] if cell["cell_type"] == "code")
    assert whole.count(stub.BEGIN) == tasks.answer_path(task, framework).read_text(encoding="utf-8").count(stub.BEGIN)
    compile(stub.stub(whole), "stub", "exec")       # what nbgrader leaves


@pytest.mark.rare
@needs_chainer
def test_points_are_those_of_the_rungs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuntimeError, match=f"no {NAME}.ipynb"):
        nbgrader.points("ae", "chainer", POINTS)
    write(tmp_path / f"{NAME}.ipynb", source())
    assert nbgrader.points("ae", "chainer", POINTS) == 10
    assert "passed" in capsys.readouterr().out
    write(tmp_path / f"{NAME}.ipynb", change(source(), *WRONG))
    assert nbgrader.points("ae", "chainer", POINTS) == sum(POINTS[rung] for rung in ("loads", "networks", "initial", "shapes", "forward"))
    told = capsys.readouterr()
    assert "exactly 2 times what it should be" in told.out and not told.err


def test_a_check_that_fails_is_no_verdict(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "nothing_chainer.ipynb", source())
    with pytest.raises(RuntimeError, match="the check failed: .*unknown task 'nothing'"):
        nbgrader.points("nothing", "chainer", POINTS)


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("WORKBOOK_LONG"), reason="two minutes of kernels: WORKBOOK_LONG=1 runs it")
@pytest.mark.timeout(900)
@needs_chainer
def test_nbgrader_releases_and_grades(tmp_path):
    """One student is right; one is wrong, and writes full points into the cell that gives them."""
    pytest.importorskip("nbgrader", reason="nbgrader is not installed; `make setup` installs it, as pinned in requirements.txt")
    course = tmp_path / "course"
    nbgrader_course(course, POINTS, ["ae"], ["chainer"])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path), "IPYTHONDIR": str(tmp_path),
                   "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))}       # it runs alembic by name

    def run(*arguments):
        done = subprocess.run([sys.executable, "-m", "nbgrader", *arguments], cwd=course, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    run("generate_assignment", NAME)
    released = json.loads((course / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    assert not [line for line in stub.answer(AE, "chainer").splitlines() if "mean_squared_error" in line and line in json.dumps(released)]
    solved = json.loads(json.dumps(released))
    for cell, ours in zip(solved["cells"], source()["cells"]):
        if ours["metadata"].get("nbgrader", {}).get("solution"):
            assert "raise NotImplementedError()" in code(cell) and stub.BEGIN not in code(cell)
            cell["source"] = stub.solution(code(ours))
    wrong = change(solved, *WRONG)
    wrong["cells"][-1]["source"] = "10.0"
    for student, notebook in {"right": solved, "wrong": wrong}.items():
        write(course / "submitted" / student / NAME / f"{NAME}.ipynb", notebook)
    run("autograde", NAME)
    run("export")
    with open(course / "grades.csv", encoding="utf-8") as file:
        rows = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    assert rows == {"right": (10, 10), "wrong": (6, 10)}
