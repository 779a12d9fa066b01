"""Each notebook is its source, executed; run again it prints the same; with an error in an answer it does not."""

import ast
import json
import os
import shutil
import subprocess
import sys

import jupytext
import nbformat
import pytest
from conftest import ROOT

from harness import tasks
from harness.views import showcase

pytestmark = pytest.mark.timeout(600)
NOTEBOOKS = ROOT / "notebooks"


def validate(folder, name):
    """``pytest --nbval-lax`` on one notebook of a workbook in ``folder``."""
    environment = {**os.environ, "WORKBOOK_QUICK": "1", "PYTHONPATH": ""}
    for name_ in [key for key in environment if key.startswith("PYTEST")]:
        environment.pop(name_)
    return subprocess.run([sys.executable, "-m", "pytest", "--nbval-lax", "-p", "no:cacheprovider", "-p", "no:xdist", "-q",
                           f"notebooks/{name}.ipynb"], cwd=folder, capture_output=True, text=True, timeout=550, env=environment)


@pytest.mark.parametrize("name", tasks.names())
def test_a_notebook_prints_what_it_says(name):
    process = validate(ROOT, name)
    assert process.returncode == 0, process.stdout[-4000:]


@pytest.mark.parametrize("name", tasks.names())
def test_a_notebook_is_its_source_executed(name):
    source, notebook = jupytext.read(NOTEBOOKS / f"{name}.py"), nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)
    nbformat.validate(notebook)
    for ours, made in zip(source.cells, notebook.cells, strict=True):
        # a badge, where the repository is on GitHub, is added on the way
        assert ours.source == made.source or "colab" in made.source, f"run tools/notebooks.py {name}"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not any(output.output_type == "error" for cell in code for output in cell.outputs)
    shown = [output.get("data", {}) for cell in code for output in cell.outputs]
    pictures = [data for data in shown if "image/png" in data or "data:image/gif" in data.get("text/html", "")]
    assert len(pictures) >= 4
    checked = [cell for cell in code if "NBVAL_CHECK_OUTPUT" in cell.source]
    assert len(checked) == 2 and all(cell.outputs for cell in checked)
    agreement = "".join(checked[0].outputs[0]["text"])
    assert agreement.count(" agree to 1e-09 ") == 6 and "DISAGREE" not in agreement


@pytest.mark.parametrize("name", tasks.names())
def test_a_notebook_shows_the_answers_as_they_are(name):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)
    cell = next(cell for cell in notebook.cells if cell.source.startswith("showcase.answers("))
    arguments = ast.literal_eval(cell.source.removeprefix("showcase.answers"))
    assert cell.outputs[0].data["text/html"] == showcase.answers(*arguments).data, f"run tools/notebooks.py {name}"


def test_they_are_small():
    assert sum(path.stat().st_size for path in NOTEBOOKS.glob("*.ipynb")) < 15e6


def test_an_error_in_an_answer_fails(tmp_path):
    ignore = shutil.ignore_patterns("__pycache__", ".venv", "out", ".git", "*.ipynb", "work")
    for folder in ("harness", "datasets", "questions", "answers", "notebooks"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "notebooks" / "ae.ipynb"
    notebook = json.loads((NOTEBOOKS / "ae.ipynb").read_text(encoding="utf-8"))
    # only as far as the agreement: the rest takes time and is not needed here
    last = next(i for i, cell in enumerate(notebook["cells"]) if "showcase.agreement" in "".join(cell["source"]))
    notebook["cells"] = notebook["cells"][:last + 1]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    right = validate(tmp_path, "ae")
    assert right.returncode == 0, right.stdout[-4000:]
    answer = tmp_path / "answers" / "ae" / "ae_chainer.py"
    source = answer.read_text(encoding="utf-8")
    assert "F.mean_squared_error(" in source
    answer.write_text(source.replace("F.mean_squared_error(", "1.000001 * F.mean_squared_error("), encoding="utf-8")
    wrong = validate(tmp_path, "ae")
    assert wrong.returncode == 1 and "DISAGREE" in wrong.stdout
