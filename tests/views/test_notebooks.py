"""Each notebook is its source, executed; run again it prints the same; with an error in an answer it does not."""

import ast
import base64
import contextlib
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys

import jupytext
import nbformat
import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

from harness import tasks
from harness.views import showcase

pytestmark = pytest.mark.timeout(600)
NOTEBOOKS = ROOT / "notebooks"
PICTURE = re.compile('<img alt="([^"]+)" src="data:image/webp;base64,([A-Za-z0-9+/=]+)">')
SHOWS = ("showcase.curves(", "model.losses(", "model.growth(", "model.view(")      # the cells that show a picture each


def picture(shown):
    """(alt text, the picture) of the HTML that shows one."""
    alt, data = PICTURE.fullmatch(shown).groups()
    return html.unescape(alt), Image.open(io.BytesIO(base64.b64decode(data)))


def validate(folder, name):
    """``pytest --nbval-lax`` on one notebook of a workbook in ``folder``."""
    environment = {**os.environ, "WORKBOOK_QUICK": "1", "PYTHONPATH": ""}
    for name_ in [key for key in environment if key.startswith("PYTEST")]:
        environment.pop(name_)
    return subprocess.run([sys.executable, "-m", "pytest", "--nbval-lax", "-p", "no:cacheprovider", "-p", "no:xdist", "-q",
                           f"notebooks/{name}.ipynb"], cwd=folder, capture_output=True, text=True, timeout=550, env=environment)


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.parametrize("name", tasks.names())
def test_a_notebook_prints_what_it_says(name, comparers, monkeypatch, capsys):
    """Cell by cell in this process, with workers that are there already. In kernels of their own: `make validate`, and below."""
    monkeypatch.chdir(NOTEBOOKS)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(showcase, "QUICK", True)
    monkeypatch.setattr(showcase, "Comparer", lambda settings: contextlib.nullcontext(comparers(settings)))
    names = {"__name__": "__main__"}
    for cell in nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4).cells:
        if cell.cell_type == "code":
            capsys.readouterr()
            shown, printed = run(cell.source, names), capsys.readouterr().out
            if "NBVAL_CHECK_OUTPUT" in cell.source:
                assert printed == "".join(output.text for output in cell.outputs if output.output_type == "stream")
            if any("text/html" in output.get("data", {}) for output in cell.outputs):
                assert shown._repr_html_()


def run(source, names):
    """What a cell shows: its last line's value."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


@pytest.mark.rare
@pytest.mark.slow
def test_nbval_finds_a_whole_notebook_right():
    process = validate(ROOT, "vae")
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
    showing = [cell for cell in code if cell.source.startswith(SHOWS)]
    pictures = [picture(cell.outputs[-1].data["text/html"]) for cell in showing]
    title = tasks.load(name).title
    assert len(pictures) == len({alt for alt, _ in pictures}) >= 4 and all(alt.startswith(title) for alt, _ in pictures)
    assert all(max(image.size) <= (256 if image.is_animated else 900) for _, image in pictures)
    assert any(image.is_animated for _, image in pictures)
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
    assert sum(path.stat().st_size for path in NOTEBOOKS.glob("*.ipynb")) < 5e6


def test_an_animation_keeps_its_frames_and_how_long_they_stay(tmp_path):
    colours = np.random.default_rng(0).integers(0, 255, (30, 4, 8, 3)).astype(np.uint8)
    frames = [Image.fromarray(colour.repeat(64, axis=0).repeat(64, axis=1)) for colour in colours]
    frames[0].save(tmp_path / "growth.gif", save_all=True, append_images=frames[1:], duration=60, loop=0)
    alt, animation = picture(showcase._small(tmp_path / "growth.gif", 'a "growth" < & >').data)
    assert alt == 'a "growth" < & >'
    assert (animation.n_frames, animation.info["loop"], animation.size) == (showcase.FRAMES, 0, (256, 128))
    durations = []
    for i, j in enumerate(np.linspace(0, 29, showcase.FRAMES).round().astype(int)):
        animation.seek(i)
        shown = np.asarray(animation.convert("RGB"), int)[4::8, 4::8]
        assert abs(shown - colours[j].repeat(4, axis=0).repeat(4, axis=1)).mean() < 10, f"frame {i} is another"
        durations.append(animation.info["duration"])
    assert durations == [200] * (showcase.FRAMES - 1) + [1500]


@pytest.mark.parametrize("size, shown", [((700, 300), (700, 300)), ((1800, 600), (900, 300))])
def test_a_picture_keeps_its_size_and_a_plot_its_pixels(tmp_path, size, shown):
    lines = np.full((size[1], size[0], 3), 255, np.uint8)
    for i in range(20):         # thin ones, each in a colour of its own
        lines[10 * i:10 * i + 2, ::7 + i] = i * 12, 255 - i * 12, i * 6
    for name in ("curves", "samples"):
        Image.fromarray(lines).save(tmp_path / f"{name}.png")
        _, kept = picture(showcase._small(tmp_path / f"{name}.png", name).data)
        assert kept.format == "WEBP" and kept.size == shown and not kept.is_animated
        if size == shown:
            difference = abs(np.asarray(kept.convert("RGB"), int) - lines).max()
            assert difference <= showcase.STEP // 2 if name == "curves" else difference > showcase.STEP
    of_its_shades = lines // showcase.STEP * showcase.STEP
    Image.fromarray(of_its_shades).save(tmp_path / "latent.png")
    _, kept = picture(showcase._small(tmp_path / "latent.png", "latent").data)
    assert size != shown or (np.asarray(kept.convert("RGB")) == of_its_shades).all()


def test_code_in_a_notebook_is_the_source():
    lines = (ROOT / "answers" / "vae" / "vae_pytorch.py").read_text(encoding="utf-8").strip().splitlines()
    shown = showcase._code(lines)
    assert html.unescape(re.sub("<[^>]*>", "", shown)) == "\n".join(lines) + "\n"
    assert "<b style=color:#080>def</b>" in shown and len(shown) < 2 * len("\n".join(lines))


@pytest.mark.rare
@pytest.mark.slow
def test_an_error_in_an_answer_fails(tmp_path):
    ignore = shutil.ignore_patterns("__pycache__", ".venv", "out", ".git", "*.ipynb")
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
