"""From folders, zips and tables to submissions: every layout, and trees that nobody can trust."""

import json
import os
import shutil
import subprocess
import zipfile
import zlib

import pytest

from harness.grading import intake
from harness.grading.assignment import Assignment
from harness.grading.intake import times
from harness.messages import WorkbookError
from harness.tasks import ROOT

TORCH, KERAS = b"import torch\n\n\nclass Autoencoder(torch.nn.Module):\n    pass\n", b"import keras\n\n\nclass GAN:\n    pass\n"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": ["import torch\n", "class Autoencoder:\n", "    pass"]}]}, indent=1).encode()
SHEET = Assignment(name="sheet3", tasks=("ae", "gan"))
ONE = Assignment(tasks=("ae",), frameworks=("pytorch",))


def tree(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def zipped(path, files, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def taken(source, assignment=SHEET, **options):
    return intake.submissions(source, assignment, **{"task": None, "framework": None, "pattern": None, "root": ROOT, **options})


def names(found):
    return [submission.name for submission in found if not submission.problem]


def problems(found):
    return {(submission.student, submission.file): submission.problem for submission in found if submission.problem}


def test_a_folder_a_student(tmp_path):
    tree(tmp_path, {"ada/ae_pytorch.py": TORCH, "ada/GAN-Keras.ipynb": KERAS, "ada/report.pdf": b"%PDF", "grace/hand/in/ae/mine.py": TORCH,
                    "README.md": b"# Sheet 3"})
    found = taken(tmp_path)
    assert names(found) == ["ada/gan/keras/1", "ada/ae/pytorch/1", "grace/ae/pytorch/1"] and not problems(found)
    assert found[1].source == TORCH and found[1].file == "ae_pytorch.py" and found[1].submitted is None


# https://github.com/moodle/moodle mod/assign/classes/downloader.php: a folder for each student, or all files in one
@pytest.mark.parametrize("files", [
    {"Ada Lovelace_1234567_assignsubmission_file_/ae_pytorch.py": TORCH, "Ada Lovelace_7654321_assignsubmission_file_/ae_pytorch.py": TORCH},
    {"Ada Lovelace_1234567_assignsubmission_file/ae_pytorch.py": TORCH, "Ada Lovelace_7654321_assignsubmission_file/in/ae_pytorch.py": TORCH},
    {"Ada Lovelace_1234567_assignsubmission_file_ae_pytorch.py": TORCH, "Ada Lovelace_7654321_assignsubmission_file_ae_pytorch (1).py": TORCH},
    {"Sheet 3/Ada Lovelace_1234567_assignsubmission_file_/ae_pytorch.py": TORCH,
     "Sheet 3/Ada Lovelace_7654321_assignsubmission_file_/ae_pytorch.py": TORCH},
])
def test_moodle(files, tmp_path):
    """Two students of one name are two."""
    both = ["Ada Lovelace_1234567/ae/pytorch/1", "Ada Lovelace_7654321/ae/pytorch/1"]
    assert names(taken(tree(tmp_path / "moodle", files))) == names(taken(zipped(tmp_path / "moodle.zip", files))) == both


def test_moodles_text_and_groups(tmp_path):
    tree(tmp_path, {"Ada Lovelace_12_assignsubmission_onlinetext_/onlinetext.html": b"<p>ill", "Group 3_4_assignsubmission_file_/ae_keras.py": KERAS,
                    "Default group_assignsubmission_file_/ae_keras.py": KERAS})
    found = taken(tmp_path)
    assert names(found) == ["Default group/ae/keras/1", "Group 3_4/ae/keras/1"]
    assert problems(found) == {("Ada Lovelace_12", ""): "nothing was handed in that can be graded, but onlinetext.html"}


def test_canvas(tmp_path):
    """https://github.com/instructure/canvas-lms app/models/content_zipper.rb; the number of what is handed in again: issue 606."""
    tree(tmp_path, {"lovelaceada_12345_67890_ae_pytorch-1.py": TORCH, "lovelaceada_12345_67891_gan_keras.py": KERAS,
                    "lovelaceada_12345_67892_ae_pytorch.py": KERAS, "hoppergrace_LATE_12346_67893_ae_pytorch-10.py": TORCH,
                    "777_67894_ae_pytorch.py": TORCH, "turingalan_12347_text.html": b"<p>", "noetheremmy_late_12348_9_vae-2.zip": b"PK"})
    found = taken(tmp_path)
    assert names(found) == ["777/ae/pytorch/1", "hoppergrace_12346/ae/pytorch/1", "lovelaceada_12345/ae/pytorch/1",
                            "lovelaceada_12345/ae/pytorch/2", "lovelaceada_12345/gan/keras/1"]
    assert [found[2].source, found[3].source] == [KERAS, TORCH] and found[3].file == "ae_pytorch.py" and found[3].beside == {"gan_keras.py": KERAS}
    assert set(problems(found)) == {("turingalan_12347", ""), ("noetheremmy_12348", "vae.zip")}


def test_nbgrader(tmp_path):
    """https://github.com/jupyter/nbgrader: docs/source/exchange/exchange_api.rst has the folders, exchange/abc/exchange.py the time."""
    tree(tmp_path / "course", {
        "source/sheet3/ae.ipynb": NOTEBOOK, "gradebook.db": b"", "submitted/ada/sheet3/ae.ipynb": NOTEBOOK,
        "submitted/ada/sheet3/timestamp.txt": b"2026-12-01 14:59:00.123456 UTC", "submitted/ada/sheet2/gan_keras.py": KERAS,
        "submitted/grace/sheet3/ae/answer.py": TORCH, "submitted/grace/sheet3/timestamp.txt": b"2026-12-01 23:59:00 +0900",
        "submitted/alan/sheet2/ae.ipynb": NOTEBOOK})
    for source in (tmp_path / "course", tmp_path / "course" / "submitted"):
        found = taken(source)
        assert names(found) == ["ada/ae/pytorch/1", "grace/ae/pytorch/1"] and problems(found) == {("alan", ""): "nothing was handed in"}
        assert found[0].submitted == "2026-12-01T14:59:00.123456+00:00"
    assert "ada/gan/keras/1" in names(taken(tmp_path / "course", Assignment(name="", tasks=("ae", "gan"))))


@pytest.mark.parametrize("text, moment", [
    ("2026-12-01 14:59:00.123456 UTC\n", "2026-12-01T14:59:00.123456+00:00"), ("2026-12-01 14:59:00", "2026-12-01T14:59:00+00:00"),
    ("2026-12-01 14:59:00+09:00", "2026-12-01T14:59:00+09:00"), ("2026-12-01 14:59:00 XYZT", None), ("yesterday", None), ("", None),
    ("0001-01-01 00:00:00 UTC", "0001-01-01T00:00:00+00:00")])
def test_nbgraders_time(text, moment):
    assert times.moment(text) == moment


def clone(folder, when, *, packed):
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when, "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*arguments):
        subprocess.run(["git", "-c", "user.name=A <B> C", "-c", "user.email=a@b.c", *arguments], cwd=folder, env=env, check=True, capture_output=True)

    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "first\n\ncommitter nobody <> 1 +0000")
    if packed:
        git("gc", "--prune=now")
        git("pack-refs", "--all")
        assert not (folder / ".git/refs/heads/main").exists()
    return folder


@pytest.mark.skipif(not shutil.which("git"), reason="git makes the clones")
@pytest.mark.parametrize("packed", [False, True])
def test_github_classroom(packed, tmp_path):
    """https://github.com/github/gh-classroom cmd/gh-classroom/clone/student-repos: <slug>-submissions/<slug>-<user>. What the clone's
    settings would have git run is not run."""
    tree(tmp_path, {"sheet-3-submissions/sheet-3-ada/ae_pytorch.py": TORCH, "sheet-3-submissions/sheet-3-grace-h/src/ae_pytorch.py": TORCH,
                    "sheet-3-submissions/sheet-3-grace-h/src/torch_helper.py": b"", "sheet-3-submissions/sheet-3-alan/README.md": b"#"})
    ada = clone(tmp_path / "sheet-3-submissions" / "sheet-3-ada", "2026-11-30T20:00:00+09:30", packed=packed)
    with open(ada / ".git" / "config", "a") as config:
        config.write(f"[core]\n\tfsmonitor = touch {tmp_path}/ran\n\tpager = touch {tmp_path}/ran\n[log]\n\tshowSignature = true\n")
    for source in (tmp_path, tmp_path / "sheet-3-submissions"):
        found = taken(source)
        assert names(found) == ["ada/ae/pytorch/1", "grace-h/ae/pytorch/1"] and set(problems(found)) == {("alan", "")}
        assert {submission.student: submission.submitted for submission in found} == {"ada": "2026-11-30T20:00:00+09:30", "alan": None, "grace-h": None}
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("damage", ["HEAD", "ref", "object", "link", "elsewhere", "bomb"])
def test_a_damaged_clone_has_no_time(damage, tmp_path):
    git = tree(tmp_path, {".git/HEAD": b"ref: refs/heads/main\n", ".git/refs/heads/main": b"a" * 40,
                          f".git/objects/aa/{'a' * 38}": zlib.compress(b"commit 9\0tree b\ncommitter A <a> 1796000000 +0000\n\n")}) / ".git"
    assert times.last_commit(git) == "2026-11-30T00:53:20+00:00"
    if damage == "HEAD":
        (git / "HEAD").write_bytes(b"\xff")
    elif damage == "ref":
        (git / "HEAD").write_bytes(b"ref: refs/../../../etc/passwd")
    elif damage == "object":
        (git / "objects/aa" / ("a" * 38)).write_bytes(b"no zlib")
    elif damage == "bomb":
        (git / "objects/aa" / ("a" * 38)).write_bytes(zlib.compress(b"\0" * (1 << 26)))
    elif damage == "link":
        git.rename(tmp_path / "git")
        git.symlink_to(tmp_path / "git")
    else:
        (git / "refs/heads/main").rename(tmp_path / "main")
        (git / "refs/heads/main").symlink_to(tmp_path / "main")
    assert times.last_commit(git) is None


def test_a_pattern(tmp_path):
    tree(tmp_path / "flat", {"s1_ae_pytorch.py": TORCH, "s2-gan.py": KERAS, "sub/s3_ae_pytorch.ipynb": NOTEBOOK, "other.py": b"x = 1", "a_ae_keras.py": KERAS})
    found = taken(tmp_path / "flat", pattern=r"(?P<student>s?\w+?)[-_].*")
    assert names(found) == ["a/ae/keras/1", "s1/ae/pytorch/1", "s2/gan/keras/1", "s3/ae/pytorch/1"]
    assert found[1].file == "s1_ae_pytorch.py" and "nothing says whose it is" in problems(found)["other.py", ""]
    deep = tree(tmp_path / "deep", {"2026/ada/ae_pytorch.py": TORCH, "2026/grace/ae_pytorch.py": TORCH})
    assert names(taken(deep, pattern=r"\d+/(?P<student>[^/]+)/.*")) == ["ada/ae/pytorch/1", "grace/ae/pytorch/1"]


@pytest.mark.parametrize("pattern, message", [("(", "no regular expression"), ("(.*)", "does not say where the student's name is"),
                                              (None, "nothing says whose 'ae_pytorch.py' is")])
def test_flat_files_without_a_pattern(pattern, message, tmp_path):
    with pytest.raises(WorkbookError, match=message):
        taken(tree(tmp_path, {"ae_pytorch.py": TORCH}), pattern=pattern)


@pytest.mark.parametrize("made", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_bytes(b"no zip"),
                                  lambda path: path.write_bytes(b"PK\5\6" + b"\xff" * 18), lambda path: zipped(path, {})])
def test_nothing_to_grade(made, tmp_path):
    made(tmp_path / "class.zip")
    with pytest.raises(WorkbookError, match=r"class\.zip"):
        taken(tmp_path / "class.zip")


# Tables

TABLE = """student,file,task,framework,submitted,attempt
ada,a/one.py,AE,PyTorch,2026-12-01T23:59:00+09:00,2
ada,a/two.py,ae,pytorch,2026-12-01 23:58,1
grace,b/gan_keras.py,,,,
grace,b/helper.py,,,,
alan,,,,,
emmy,c/lost.py,ae,keras,,
"""


@pytest.mark.parametrize("content", [
    TABLE.encode(), b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode(), TABLE.replace(",", ";").encode(),
    TABLE.replace(",", "\t").encode("utf-16"), TABLE.replace("student,file", " Student , FILE ").encode() + b"\n,,\n"])
def test_a_table(content, tmp_path):
    tree(tmp_path, {"all.csv": content, "a/one.py": TORCH, "a/two.py": TORCH, "b/gan_keras.py": KERAS, "b/helper.py": b"x = 1", "b/of_alan.py": b""})
    found = taken(tmp_path / "all.csv")
    assert names(found) == ["ada/ae/pytorch/1", "ada/ae/pytorch/2", "grace/gan/keras/1"]
    assert found[1].submitted == "2026-12-01T23:59:00+09:00" and found[0].submitted[:19] == "2026-12-01T23:58:00"
    assert found[-1].beside == {"helper.py": b"x = 1"}
    assert problems(found) == {("alan", ""): "nothing was handed in", ("emmy", "lost.py"): "c/lost.py cannot be read (No such file or directory)"}


@pytest.mark.parametrize("content, message", [
    (b"", "there is no column 'student'"), (b"name,file\n", r"there is no column 'student' in its first line \(name, file\)"),
    (b"student\nada\n", "no column 'file'"), (b"student,file\n", "has no line but the first"), (b"student,file\n,a.py\n", "line 2: whose is it"),
    (b"student,file,task\nada,a.py,vea\n", "line 2: unknown task 'vea': did you mean 'vae'"),
    (b"student,file,framework\nada,a.py,torch\n", "line 2"), (b"student,file,submitted\nada,a.py,1.12.2026\n", "line 2: submitted is a time"),
    (b"student,file,attempt\nada,a.py,second\n", "line 2: submitted is"), ("student,file\nJosé,a.py\n".encode("cp1252"), "not in UTF-8"),
    (b'student,file\nada,"' + b"a" * 200_000, "line")])
def test_tables_that_have_to_be_mended(content, message, tmp_path):
    with pytest.raises(WorkbookError, match=message):
        taken(tree(tmp_path, {"all.csv": content}) / "all.csv")


def test_a_table_names_files_of_its_folder(tmp_path):
    tree(tmp_path, {"secret.py": TORCH, "in/ae_pytorch.txt": TORCH})
    (tmp_path / "in" / "link.py").symlink_to(tmp_path / "secret.py")
    (tmp_path / "in" / "out").symlink_to(tmp_path)
    rows = ["../secret.py", str(tmp_path / "secret.py"), "link.py", "out/secret.py", "ae_pytorch.txt", ".", "/", "a\0.py"]
    (tmp_path / "in" / "all.csv").write_text("student,file,task,framework\n" + "".join(f"s{i},{row},ae,pytorch\n" for i, row in enumerate(rows)))
    found = taken(tmp_path / "in" / "all.csv")
    assert len(problems(found)) == len(rows) == len(found) and not any(submission.source for submission in found)


# Which task, which framework

def test_what_lies_beside(tmp_path):
    tree(tmp_path, {"ada/ae_pytorch.py": TORCH, "ada/layers.py": b"import torch", "ada/gan_keras.py": KERAS, "ada/notes.ipynb": NOTEBOOK,
                    "ada/sub/other.py": b"x = 1"})
    found = taken(tmp_path)
    assert names(found) == ["ada/ae/pytorch/1", "ada/gan/keras/1"] and not problems(found)
    assert found[0].beside == {"layers.py": b"import torch", "gan_keras.py": KERAS}


@pytest.mark.parametrize("files, options, answers", [
    ({"a/anything.py": b"x = 1"}, {}, ["anything.py"]),                                               # one task, one framework
    ({"a/main.py": TORCH, "a/helper.py": b"import torch"}, {}, ["main.py"]),                          # by its class
    ({"a/main.py": b"import torch", "a/helper.py": b"x = 1"}, {}, ["main.py"]),                       # by its import
    ({"a/mine.ipynb": NOTEBOOK, "a/helper.py": b"x = 1"}, {}, ["mine.ipynb"]),
    ({"a/gan_pytorch.py": TORCH}, {"task": "AE"}, ["gan_pytorch.py"]),                                # is told
    ({"a/ae.py": KERAS}, {"framework": "PyTorch"}, ["ae.py"]),
    ({"a/one.py": TORCH, "a/two.py": TORCH}, {}, ["one.py", "two.py"]),
    ({"a/one.py": b"x = 1", "a/two.py": b"x = 2"}, {}, []),
    ({"a/gan_pytorch.py": TORCH}, {}, []), ({"a/ae_keras.py": KERAS}, {}, []), ({"a/ae.py": KERAS}, {}, [])])
def test_one_task_and_one_framework(files, options, answers, tmp_path):
    found = taken(tree(tmp_path, files), ONE, **options)
    assert [submission.file for submission in found if not submission.problem] == answers
    assert all((submission.task, submission.framework) == ("ae", "pytorch") for submission in found if not submission.problem)
    assert found and bool(problems(found)) == (not answers)


def test_what_nothing_explains_is_a_problem(tmp_path):
    tree(tmp_path, {"ada/ae_pytorch.py": TORCH, "ada/more/mygan.py": KERAS, "grace/ae.py": b"import keras\nimport torch\n", "alan/main.py": b"x = 1",
                    "emmy/vae_pytorch.py": TORCH, "mary/x.txt": b""})
    (tmp_path / "zoe").mkdir()
    found = problems(taken(tmp_path))
    assert "ae_pytorch" not in str(found.keys()) and "in which framework" in found["grace", "ae.py"]
    assert "an answer to which task? Its name should say that, e.g. ae_pytorch.py" in found["ada", "mygan.py"] and found["alan", "main.py"]
    assert found["emmy", ""] == "nothing was handed in that can be graded, but vae_pytorch.py" and "x.txt" in found["mary", ""]
    assert found["zoe", ""] == "nothing was handed in" and len(found) == 6


def test_all_tasks_where_nothing_says_which(tmp_path):
    assert names(taken(tree(tmp_path, {"ada/vae_chainer.py": b""}), Assignment())) == ["ada/vae/chainer/1"]
    with pytest.raises(WorkbookError, match="unknown task"):
        taken(tmp_path, task="vea")


def test_names_are_unique(tmp_path):
    tree(tmp_path, {"ada/ae_pytorch.py": TORCH, "ada/AE-pytorch.py": TORCH, "ada/b/ae_pytorch.ipynb": NOTEBOOK, "ada/x.py": b"", "ada/c/x.py": TORCH,
                    "ada/d/x.py": TORCH})
    found = taken(tmp_path)
    assert len({submission.name for submission in found}) == len(found) == 5
    assert sorted(submission.attempt for submission in found if submission.task) == [1, 2, 3]


def test_attempts_by_time(tmp_path):
    rows = ["2026-12-01T10:00:00+09:00", "2026-12-01T02:00:00+00:00", "2026-11-30T23:00:00-05:00"]
    tree(tmp_path, {f"{i}.py": str(i).encode() for i in range(3)})
    (tmp_path / "all.csv").write_text("student,file,task,framework,submitted\n" + "".join(f"ada,{i}.py,ae,pytorch,{row}\n" for i, row in enumerate(rows[::-1])))
    assert [submission.source for submission in taken(tmp_path / "all.csv")] == [b"2", b"1", b"0"]


# Trees that nobody can trust
