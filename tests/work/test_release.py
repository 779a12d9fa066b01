"""A student edition has all that a student needs, and nothing of our answers."""

import itertools
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import typer.main
from conftest import ROOT

from harness import commands, frameworks, tasks
from harness.frameworks import FRAMEWORKS
from harness.messages import WorkbookError
from harness.work import release, stub
from harness.work.release import nbgrader_course, student_edition

AE = tasks.load("ae")
SHORTEST = 12           # characters; shorter lines (`z = mu`) are no secret
# What is also the program's own, or what a question says in its text
SAID = {"with torch.no_grad():", "tape.watch(mixed)", "mixed.requires_grad_()"}
# `python -m harness`, where no other harness than the edition's can be found
ALONE = """\
import sys
from pathlib import Path
root = sys.argv[1]
sys.path[:] = [root, *(p for p in sys.path if p and not (Path(p) / "harness" / "__init__.py").is_file())]
sys.argv[:] = ["workbook", *sys.argv[2:]]
import harness
assert Path(harness.__file__).is_relative_to(root), harness.__file__
from harness.commands import main
main()
"""


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release") / "everything"
    student_edition(folder)
    return folder


class Student:
    """Somebody who has the edition, and nothing else."""

    def __init__(self, folder):
        self.folder = folder

    def command(self, *arguments):
        return [sys.executable, "-c", ALONE, str(self.folder), *map(str, arguments)]

    def start(self, *arguments):
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        return subprocess.Popen(self.command(*arguments), cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, encoding="utf-8")

    def __call__(self, *arguments, code=0):
        process = self.start(*arguments)
        out, err = process.communicate(timeout=240)
        assert process.returncode == code, (arguments, out, err)
        return out + err


@pytest.fixture
def student(tmp_path):
    student_edition(tmp_path / "edition", ["ae"])
    return Student(tmp_path / "edition")


def parts(source):
    """(lines in the gaps, all others)"""
    gaps, others, inside = [], [], False
    for line in map(str.strip, source.splitlines()):
        if line in (stub.BEGIN, stub.END):
            inside = line == stub.BEGIN
        else:
            (gaps if inside else others).append(line)
    return gaps, others


def secrets():
    """The lines of our answers that nothing else may have: those in gaps, unless some stub has them by right."""
    gaps, others = set(), set()
    for path in (ROOT / "answers").glob("*/*.py"):
        ours, given = parts(path.read_text(encoding="utf-8"))
        gaps.update(ours)
        others.update(given)
    shown = "\n".join(others)
    return sorted(line for line in gaps if len(line) >= SHORTEST and line not in SAID and line not in shown)


def leaks(folder, tmp_path):
    """What of it stands anywhere in ``folder``, in whatever kind of file: lines "file:secret"."""
    (tmp_path / "secrets").write_text("\n".join(secrets()) + "\n", encoding="utf-8")
    found = subprocess.run(["grep", "-raoF", "-f", str(tmp_path / "secrets"), "."], cwd=folder, capture_output=True, text=True, errors="replace")
    assert found.returncode in (0, 1), found.stderr
    return found.stdout.splitlines()


def test_no_line_of_an_answer_is_anywhere(everything, tmp_path):
    """But in hints, which a learner asks for, and whose last ones are nearly the answer; and of what a batch holds."""
    assert len(secrets()) > 1000
    assert len(leaks(ROOT / "answers", tmp_path)) > 1000 and leaks(ROOT / "notebooks", tmp_path)       # it would be seen
    found = [line for line in leaks(everything, tmp_path) if "/hints.md:" not in line]
    assert [line for line in found if "/program.py:" not in line or not re.search(r' = batch\["| = np\.meshgrid\(', line)] == []


def test_what_is_in_it(everything):
    assert {path.name for path in everything.iterdir()} == {
        "LICENSE", "README.md", "README.ja.md", "constraints-build.txt", "datasets", "docs", "harness", "pyproject.toml", "questions",
        "requirements.txt", "stubs"}
    for name in tasks.names():
        there = {str(path.relative_to(everything / "questions" / name)) for path in (everything / "questions" / name).rglob("*")}
        assert there - {"trained.safetensors"} == {"README.md", "README.ja.md", "hints.md", "mistakes.toml", "program.py", "task.toml",
                                                   "reference", "reference/data.npz", "reference/fingerprints.json"}
        assert ("trained.safetensors" in there) == tasks.trained_path(name).is_file()
        for framework in FRAMEWORKS:
            path = everything / "stubs" / name / f"{name}_{framework}.py"
            assert path.read_text(encoding="utf-8") == stub.of(tasks.load(name), framework)
    for folder in ("harness", "datasets"):
        ours, theirs = ({path.relative_to(root) for path in (root / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"}
                        for root in (ROOT, everything))
        assert ours == theirs
    assert not [path for path in everything.rglob("*") if path.suffix == ".ipynb" or path.name.startswith(".") or path.name == "__pycache__"]


def test_every_link_leads_somewhere(everything):
    pages = list(everything.rglob("*.md"))
    links = [(page, target) for page in pages for target in re.findall(r"\]\(([^)\s#]+)", page.read_text(encoding="utf-8")) if ":" not in target]
    assert len(links) > 100 and not [(page, target) for page, target in links if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_its_readme_names_commands_that_there_are(everything, page):
    lines = re.findall(r"(?m)^workbook ([^#\n]+)", (everything / page).read_text(encoding="utf-8"))
    assert len(lines) == 9
    for line in lines:
        name, *words = shlex.split(line)
        typer.main.get_command(commands.app).commands[name].make_context(name, words)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("framework", [pytest.param("pytorch", marks=pytest.mark.slow), "chainer"])
@pytest.mark.sampled(2)
def test_a_student_goes_from_start_to_passed(student, framework):
    if framework not in frameworks.installed():
        pytest.skip(f"{framework} is not installed")
    assert "4 of 4 stubs" in student("list")
    assert "Autoencoder" in student("question", "ae") and "オートエンコーダ" in student("question", "ae", "--language", "ja")
    student("start", "ae", "--framework", framework)
    path = student.folder / "work" / "ae" / f"ae_{framework}.py"
    assert path.read_text(encoding="utf-8") == stub.of(AE, framework)
    watch = student.start("watch")

    def verdict():
        """What comes until the next save is waited for, when progress is noted."""
        return "".join(itertools.takewhile(lambda line: "waiting for the next save" not in line, watch.stdout))
    try:
        assert "not attempted" in verdict()
        path.write_text(stub.solution(tasks.answer_path(AE, framework).read_text(encoding="utf-8")), encoding="utf-8")
        assert "passed" in verdict()
    finally:
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=60)
    assert "hint 1 of" in student("hint")
    assert "no answers" in student("solution", code=2)
    assert "1 of 4 solved" in student("progress")
    student("train", "ae", "--framework", framework, "--file", path, "--size", "check", "--steps", 2)
    assert "samples.png" in student("explore", "ae", "--checkpoint", f"out/train/ae_{framework}", "--only", "samples")
    student("reset")
    assert path.read_text(encoding="utf-8") == stub.of(AE, framework)
    _third(path, framework)
    assert "wrong" in student("check", path, code=1)
    told = json.loads(student("check", path, "--json", code=1))["diagnosis"]
    assert not told["fault"] and "1/3" in told["findings"][0]["words"]      # what the edition needs to solve for it is there


def _third(path, framework):
    """A wrong answer that no named mistake is."""
    source = tasks.answer_path(AE, framework).read_text(encoding="utf-8")
    old = {"pytorch": "F.mse_loss(", "chainer": "F.mean_squared_error("}[framework]
    assert old in source
    path.write_text(source.replace(old, f"1 / 3 * {old}"), encoding="utf-8")


@pytest.mark.slow
def test_evaluate_takes_the_students_own_file(inside, tmp_path, monkeypatch):
    pytest.importorskip("torchmetrics")
    student_edition(tmp_path / "edition", ["vae"])
    monkeypatch.chdir(tmp_path / "edition")
    shutil.copy(tasks.answer_path(tasks.load("vae"), "pytorch"), "mine.py")
    at = ("--root", tmp_path / "edition")
    assert inside("train", "vae", "-f", "pytorch", "--file", "mine.py", "--size", "check", "--steps", 2, *at).returncode == 0
    run = ("evaluate", "--checkpoint", "out/train/vae_pytorch", "--n", 8, "--json", *at)
    assert "--file names the one that was trained" in inside(*run).stderr
    found, = json.loads(inside(*run, "--file", "mine.py").stdout)
    assert found["fid"] > 0 and found["reconstruction"] > 0


def test_what_needs_answers_says_so_in_one_line(inside, tmp_path):
    student_edition(tmp_path / "edition", ["ae"])
    for line in ("solution ae -f chainer --anyway", "compare ae", "trace ae", "train ae -f chainer", "train ae -f all", f"release {tmp_path}/new"):
        said = inside(*line.split(), "--root", tmp_path / "edition")
        assert (said.returncode, said.stderr.count("\n")) == (2, 1), line
        assert f"this edition of the workbook has no answers: there is no {tmp_path}/edition/answers" in said.stderr
    assert "--file trains yours" in inside("train", "ae", "-f", "chainer", "--root", tmp_path / "edition").stderr


def test_a_framework_without_stub(inside, tmp_path):
    student_edition(tmp_path / "edition", ["ae"], ["keras"])
    assert [path.name for path in (tmp_path / "edition" / "stubs").rglob("*.py")] == ["ae_keras.py"]
    said = inside("start", "ae", "-f", "chainer", "--root", tmp_path / "edition", "--work", tmp_path / "work")
    assert said.returncode == 2 and "'ae' cannot be begun in Chainer here" in said.stderr and said.stderr.count("\n") == 1


def test_the_command(inside, tmp_path):
    said = inside("release", tmp_path / "edition", "--tasks", "vae,ae", "--frameworks", "PyTorch,keras")
    assert said.returncode == 0 and "2 questions and 4 stubs" in said.stdout
    said = inside("release", tmp_path / "edition", "--tasks", "ae")
    assert said.returncode == 2 and "is not empty, and nothing was written" in said.stderr
    assert len(list((tmp_path / "edition" / "questions").iterdir())) == 2
    for options, expected in ((("--tasks", "vea"), "unknown task 'vea': did you mean 'vae'?"), (("--tasks", ","), "--tasks names nothing"),
                              (("--frameworks", "pytroch"), "did you mean 'pytorch'?")):
        said = inside("release", tmp_path / "new", *options)
        assert said.returncode == 2 and expected in said.stderr and said.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["edition"]


@pytest.fixture
def book(workbook):
    """A workbook from which an edition can be made, with what somebody left there."""
    for name in release.PROJECT:
        shutil.copy(ROOT / name, workbook.root / name)
    shutil.copy(ROOT / "pyproject.toml", workbook.root)
    shutil.copytree(ROOT / "datasets", workbook.root / "datasets")
    for left in ("datasets/mnist.npz", "datasets/.digits.py.swp", "questions/ae/solution.md", "questions/ae/reference/right.py", ".env"):
        (workbook.root / left).write_text("left")
    return workbook


@pytest.mark.parametrize("where", ["answers/new", "answers", "questions/ae/new", "datasets/new"])
def test_not_into_the_workbook_itself(book, where):
    before = sorted(book.root.rglob("*"))
    with pytest.raises(WorkbookError, match="the workbook's own; name a folder elsewhere"):
        student_edition(book.root / where, ["ae"], root=book.root)
    (book.root.parent / "link").symlink_to(book.root / "answers")
    with pytest.raises(WorkbookError, match="the workbook's own"):
        student_edition(book.root.parent / "link" / "new", ["ae"], root=book.root)
    assert sorted(book.root.rglob("*")) == before


def test_whole_or_not_at_all(book, tmp_path):
    book.edit("answers/vae/vae_keras.py", stub.END, "")
    (tmp_path / "there").mkdir()
    for make in (student_edition, lambda *given, root: nbgrader_course(given[0], {"loads": 1}, ["draft"], root=root)):
        with pytest.raises(WorkbookError):
            make(tmp_path / "there", ["ae", "vae"], root=book.root)
    assert list((tmp_path / "there").iterdir()) == [] and {path.name for path in tmp_path.iterdir()} == {"there", "workbook"}
    student_edition(tmp_path / "there", ["ae"], root=book.root)     # an empty folder is taken
    assert not [path for path in (tmp_path / "there").rglob("*") if path.is_file() and path.read_bytes() == b"left"]


def test_no_folder_to_write_to(book, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(WorkbookError, match="is no folder"):
        student_edition(tmp_path / "file", ["ae"], root=book.root)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(WorkbookError, match="is where you are"):
        student_edition(Path("."), ["ae"], root=book.root)
    (book.root / "pyproject.toml").unlink()
    with pytest.raises(WorkbookError, match="made from the workbook's own folder"):
        student_edition(tmp_path / "new", ["ae"], root=book.root)


@pytest.mark.slow
def test_it_can_be_installed(student, tmp_path):
    made = subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(tmp_path), "."],
                          cwd=student.folder, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    wheel, = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"harness/content/stubs/ae/ae_keras.py", "harness/content/questions/ae/reference/data.npz", "harness/content/datasets/newts.py",
            "harness/content/constraints-build.txt", "harness/lockstep/report.html.jinja"} <= set(names)
    assert not [name for name in names if "answers/" in name or "edits/" in name]
