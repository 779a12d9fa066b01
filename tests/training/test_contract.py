"""An answer is loaded from its source as it is now; no process is needed for that, nor a framework."""

import os
import py_compile

import pytest

from harness import tasks
from harness.training import contract
from harness.training.contract import ContractError

SOURCE = "class Autoencoder:\n    size = {}\n"


@pytest.fixture
def task():
    return tasks.load("ae")


def load(task, path):
    return contract.load_class(task, "pytorch", path).size


def test_a_file_saved_twice_within_a_second_is_the_new_one(task, tmp_path):
    """Same size, same time: Python's own loader would take the bytecode of the first."""
    path = tmp_path / "ae_pytorch.py"
    for size in (1, 2):
        path.write_text(SOURCE.format(size))
        os.utime(path, (1_000_000_000, 1_000_000_000))
        assert load(task, path) == size
    assert [p.name for p in tmp_path.iterdir()] == [path.name]      # no bytecode was written


def test_bytecode_that_is_there_is_not_read(task, tmp_path):
    path = tmp_path / "ae_pytorch.py"
    path.write_text(SOURCE.format(1))
    py_compile.compile(str(path))
    stamp = path.stat()
    path.write_text(SOURCE.format(2))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert load(task, path) == 2


def test_tracebacks_show_the_source_as_it_is(task, tmp_path):
    """Also after a second save, which the module linecache would not notice."""
    import linecache
    import traceback

    path = tmp_path / "ae_pytorch.py"
    for word in ("first", "other"):
        path.write_text(f"raise ValueError  # {word}\n")
        os.utime(path, (1_000_000_000, 1_000_000_000))
        with pytest.raises(ValueError) as raised:
            load(task, path)
        assert word in "".join(traceback.format_tb(raised.tb)), linecache.cache.keys()


@pytest.mark.parametrize("source, message", [("", "defines no class Autoencoder"), ("Autoencoder = 3", "defines no class Autoencoder")])
def test_no_class(task, tmp_path, source, message):
    path = tmp_path / "ae_pytorch.py"
    path.write_text(source)
    with pytest.raises(ContractError, match=message):
        load(task, path)


def test_no_file(task, tmp_path):
    with pytest.raises(ContractError, match="there is no answer"):
        load(task, tmp_path / "ae_pytorch.py")


def test_encodings_that_python_knows(task, tmp_path):
    path = tmp_path / "ae_pytorch.py"
    path.write_bytes("# -*- coding: shift_jis -*-\nclass Autoencoder:\n    size = '画像'\n".encode("shift_jis"))
    assert load(task, path) == "画像"
