"""A task as a notebook for nbgrader: it takes out our solutions, and grades with our check.

    nbgrader generate_assignment    what stands between our markers, which are nbgrader's, goes
    nbgrader autograde              runs a student's notebook; the value of its last cell is the points

https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html has the format. Where nbgrader runs, the workbook has to be
installed: for students to see no answers, as a student edition. The last cell runs in the same process as the student's code, so
its points can be forged, as with nbgrader always. ``workbook grade`` judges the same files outside of that process.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import harness
from harness import tasks
from harness.frameworks import FRAMEWORKS
from harness.tasks import Task, mistakes
from harness.work import stub

CHECKED = (0, 1, 3, 4, 5)       # exit codes of `check` that come with a verdict
ABOUT = """\
# {title}, in {framework}

`workbook question {task}` shows the question, `workbook question {task} --language ja` shows it in Japanese. Fill the gaps. Then save
this notebook, and run the last cell. It shows your points, and what is wrong.

`workbook question {task} --language ja` を実行すると、日本語の問題が表示されます。空いているところを埋めて、ノートブックを保存してから、
最後のセルを実行してください。点数と、間違っているところが表示されます。"""
CELL = """\
# Save this notebook first: what is saved is checked. The value of this cell is your points.
from harness.work import nbgrader

nbgrader.points("{task}", "{framework}", {points})"""


def source(task: Task, framework: str, points: Mapping[str, float]) -> str:
    """The instructor's notebook (JSON), with our answer in it. ``points``: of each rung of a check. Raises WorkbookError."""
    from harness.work import notebook  # jupytext takes a while to import

    about = ABOUT.format(title=task.title, framework=FRAMEWORKS[framework], task=task.name)
    content = json.loads(notebook.of_source(stub.answer(task, framework), about))
    worth = json.dumps({rung: round(value, 6) for rung, value in points.items()})
    content["cells"].append({"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [],
                             "source": CELL.format(task=task.name, framework=framework, points=worth)})
    for number, cell in enumerate(content["cells"]):
        text = "".join(cell["source"])
        defined = re.search(r"(?m)^(?:class|def) (\w+)", text)
        cell["id"] = f"{defined[1]}-{number}" if defined else f"cell-{number}"      # which nbgrader's gradebook shows
        if stub.BEGIN in text:
            cell["metadata"]["nbgrader"] = _marked(cell, solution=True)
    last = content["cells"][-1]
    last["id"] = "check"
    last["metadata"]["nbgrader"] = _marked(last, grade=True, points=sum(points.values()))
    content["metadata"] = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    content["nbformat"], content["nbformat_minor"] = 4, 5
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _marked(cell: dict[str, Any], *, solution: bool = False, grade: bool = False, **more: float) -> dict[str, Any]:
    """nbgrader's metadata of a code cell."""
    return {"schema_version": 3, "cell_type": "code", "grade_id": cell["id"], "solution": solution, "grade": grade, "locked": grade,
            "task": False, **more}


def points(task: str, framework: str, of: Mapping[str, float]) -> float:
    """In a notebook that nbgrader has made of ``source``: check it as it was saved, print what is wrong, return the points.

    Raises RuntimeError where there is nothing to check, or where the check itself failed: then nbgrader gives none.
    """
    path = Path(f"{task}_{framework}.ipynb")
    if not path.is_file():
        raise RuntimeError(f"there is no {path} in {Path.cwd()}: this notebook has to be saved there, under this name")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_text(_without_tests(path.read_text(encoding="utf-8")), encoding="utf-8")
        found = os.pathsep.join(filter(None, (str(Path(harness.__file__).resolve().parents[1]), os.environ.get("PYTHONPATH"))))
        done = subprocess.run([sys.executable, "-m", "harness", "check", str(copy), "--framework", framework, "--task", task, "--json"],
                              cwd=folder, env={**os.environ, "PYTHONPATH": found}, stdin=subprocess.DEVNULL, capture_output=True,
                              encoding="utf-8", check=False)
    if done.returncode not in CHECKED:
        raise RuntimeError(f"the check failed: {done.stderr.strip() or f'exit code {done.returncode}'}")
    verdict = json.loads(done.stdout)
    _show(verdict)
    passed = {rung["task_id"].partition("/")[2] for rung in verdict["rungs"] if rung["status"] == "passed"}
    return sum((float(value) for rung, value in of.items() if rung in passed), 0.0)


def _without_tests(text: str) -> str:
    """A notebook without the cells that give points: the check shall not run itself."""
    content = json.loads(text)
    content["cells"] = [cell for cell in content["cells"] if not cell["metadata"].get("nbgrader", {}).get("grade")]
    return json.dumps(content)


def _show(verdict: dict[str, Any]) -> None:
    """On standard output: to nbgrader, a cell that writes to standard error has failed."""
    print(": ".join(filter(None, (verdict["status"], verdict["message"]))))
    named = {mistake.name: mistake for mistake in mistakes.load(tasks.load(verdict["task_id"]))}
    for name in verdict["diagnosis"]["mistakes"]:
        print(f"{named[name].title}. {named[name].explanation}" if name in named else name)
    for fact in verdict["diagnosis"]["facts"]:
        print(fact)
    for place, line in next((rung["lines"] for rung in verdict["rungs"] if rung["status"] != "passed"), []):
        print(f"{place}: {line}")
