"""Folders and zips that cannot be trusted: what is read of them, what is not, and that no student is lost."""

import io
import json
import os
import socket
import zipfile
from pathlib import Path

import pytest
from test_intake import NOTEBOOK, TORCH, names, problems, taken, tree, zipped

from harness.grading.intake import layouts, reading
from harness.messages import WorkbookError


def test_a_suffix_in_capitals(tmp_path):
    assert [submission.file for submission in taken(tree(tmp_path, {"ada/AE_PyTorch.IPYNB": NOTEBOOK}))] == ["AE_PyTorch.ipynb"]


def test_what_is_ignored(tmp_path):
    tree(tmp_path, {f"ada/{folder}/ae_pytorch.py": TORCH for folder in (".ipynb_checkpoints", "__pycache__", ".git", "__MACOSX", ".hidden", "venv")})
    tree(tmp_path, {"ada/._ae_pytorch.py": b"\0", "__MACOSX/ada/ae_pytorch.py": TORCH})
    assert problems(taken(tmp_path)) == {("ada", ""): "nothing was handed in"}


def test_only_plain_files_are_opened(tmp_path, monkeypatch):
    secret = tree(tmp_path / "elsewhere", {"secret.py": b"secret", "ae_pytorch.py": TORCH})
    ada = tree(tmp_path / "class", {"ada/ae_pytorch.py": TORCH}) / "ada"
    (ada / "link.py").symlink_to(secret / "secret.py")
    (ada / "zero.py").symlink_to("/dev/zero")
    (ada / "loop.py").symlink_to(ada / "loop.py")
    (ada / "folder.py").mkdir()
    (ada / "linked").symlink_to(secret)
    (tmp_path / "class" / "grace").symlink_to(secret)
    os.mkfifo(ada / "gan_keras.py")
    monkeypatch.chdir(ada)          # a socket's path is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.py")
    found = taken(tmp_path / "class")
    assert names(found) == ["ada/ae/pytorch/1"] and found[0].beside == {}
    assert problems(found) == {
        ("ada", "link.py"): "link.py is a link, and links are not followed", ("ada", "zero.py"): "zero.py is a link, and links are not followed",
        ("ada", "loop.py"): "loop.py is a link, and links are not followed", ("ada", "gan_keras.py"): "gan_keras.py is no plain file",
        ("ada", "s.py"): "s.py is no plain file",
        ("grace", ""): "nothing was handed in that can be graded, but grace, which is a link, and links are not followed"}


def test_sizes_and_numbers_are_bounded(tmp_path, monkeypatch):
    tree(tmp_path, {"ada/ae_pytorch.py": b" " * (reading.LARGEST + 1), "grace/ae_pytorch.py": b" " * reading.LARGEST})
    tree(tmp_path, {f"many/{i}.py": b"" for i in range(layouts.MOST_FILES + 1)})
    tree(tmp_path, {f"heavy/{i}.py": b" " * reading.LARGEST for i in range(9)})
    found = taken(tmp_path)
    assert names(found) == ["grace/ae/pytorch/1"]
    assert problems(found) == {("ada", "ae_pytorch.py"): "ae_pytorch.py has more than 4 MiB",
                               ("many", ""): "more than 200 files were handed in; take out what is no answer",
                               ("heavy", ""): "more than 32 MiB were handed in; take out what is no answer"}
    assert [submission.task for submission in found if submission.student == "ada"] == ["ae"]
    monkeypatch.setattr(layouts, "MOST_OF_ALL", 1 << 20)
    with pytest.raises(WorkbookError, match="in several parts"):
        taken(tmp_path)


def test_a_folder_that_is_too_deep(tmp_path):
    deep = "/".join("d" * 60)
    tree(tmp_path, {f"ada/{deep}/ae_pytorch.py": TORCH, "grace/a/b/c/d/ae_pytorch.py": TORCH})
    found = taken(tmp_path)
    assert names(found) == ["grace/ae/pytorch/1"] and "deeper than 20 folders" in problems(found)["ada", ""]


def test_names_that_are_no_text(tmp_path):
    for name in (b"ad\xff", b"new\nline\x1b[31m", b"n" * 255):
        os.makedirs(os.path.join(os.fsencode(tmp_path), name))
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name, b"ae_pytorch.py"))).write_bytes(b"\xff\xfe\x00")
        with open(os.path.join(os.fsencode(tmp_path), name, b"b\xff.py"), "wb"):
            pass
    found = taken(tmp_path)
    assert [submission.student for submission in found][:1] == ["ad%DCFF"] and len(names(found)) == 3
    for submission in found:
        json.dumps(submission.name).encode()
        assert submission.name.encode() and submission.name.isprintable() and submission.source == b"\xff\xfe\x00" and submission.beside == {}
        assert len(submission.student) < 200


# Zips

def test_a_zip_of_a_folder_a_student(tmp_path):
    files = {"ada/ae_pytorch.py": TORCH, "grace/": b"", "__MACOSX/ada/._ae_pytorch.py": b"\0", "alan\\ae\\x.py": TORCH}
    for there in (files, {f"class/{name}": content for name, content in files.items()}):
        found = taken(zipped(tmp_path / "class.zip", there))
        assert names(found) == ["ada/ae/pytorch/1", "alan/ae/pytorch/1"] and problems(found) == {("grace", ""): "nothing was handed in"}


def test_what_a_student_zipped(tmp_path):
    """It is opened; a zip in it is not."""
    inner = io.BytesIO()
    zipped(inner, {"hw/ae_pytorch.py": TORCH, "hw/helper.py": b"x = 1", "more.zip": b"PK"})
    tree(tmp_path, {"ada_12_34_hw-1.zip": inner.getvalue(), "grace_13_35_hw.zip": b"PK damaged", "alan_14_36_hw.zip": b"P" * (reading.LARGEST_ZIP + 1)})
    found = taken(tmp_path)
    assert names(found) == ["ada_12/ae/pytorch/1"] and found[0].beside == {"helper.py": b"x = 1"}
    assert {student: problem.split("(")[0] for (student, _), problem in problems(found).items()} == {
        "grace_13": "hw.zip cannot be unpacked ", "alan_14": "hw.zip has more than 8 MiB"}


def hostile(name, content=TORCH, mode=0o100644, **attributes):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info, content


@pytest.mark.parametrize("entry, problem", [
    (hostile("ada/../../ae_pytorch.py"), "leads out of the archive"), (hostile("ada/ae_pytorch.py", b"/etc/passwd", 0o120777), "is a link"),
    (hostile("ada/ae_pytorch.py", b"", 0o010644), "no plain file"), (hostile("ada/" + "d/" * 30 + "ae_pytorch.py"), "deeper than 20"),
    (hostile("ada/" + "d" * 2_000 + ".py"), "nothing was handed in"), (hostile("ada/ae_pytorch.py", b"\0" * (64 << 20)), "more than 4 MiB"),
    (hostile("ada", b"/etc", 0o120777), "is a link")])
def test_hostile_zips(entry, problem, tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(*entry)
        archive.writestr("grace/ae_pytorch.py", TORCH)
    found = taken(tmp_path / "class.zip")
    assert names(found) == ["grace/ae/pytorch/1"] and problem in " ".join(problems(found).values())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class.zip"]


def test_damaged_and_encrypted_zips(tmp_path):
    path = zipped(tmp_path / "class.zip", {"ada/ae_pytorch.py": TORCH, "grace/ae_pytorch.py": TORCH})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1              # the first is said to be encrypted
    second = content.index(b"grace/ae_pytorch.py") + 19
    content[second:second + 8] = b"\xff" * 8                # the second is damaged
    path.write_bytes(content)
    found = problems(taken(path))
    assert "is encrypted" in found["ada", "ae_pytorch.py"] and "cannot be unpacked" in found["grace", "ae_pytorch.py"]


def test_every_cut_and_flipped_zip_is_an_answer_or_an_error(tmp_path):
    path = zipped(tmp_path / "class.zip", {"ada/ae_pytorch.py": TORCH, "grace/ae_pytorch.py": TORCH})
    whole = path.read_bytes()
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1:])
        try:
            assert taken(path)
        except WorkbookError:
            continue
