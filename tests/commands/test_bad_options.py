"""Every option of every command with values that make no sense: exit code 2, a few plain lines, and never a traceback."""

import os
import typing

import pytest
import typer

from harness import commands
from harness.commands import terminal
from harness.messages import WorkbookError

NO_NUMBERS = ["nan", "inf", "-inf", "-1", "1e400", "²", "", "x" * 300, "999999999999", "[red]"]
NO_WORDS = ["nonsense", "x" * 300, "[red]", "../ae", "ae/", "\udcff", "a b"]
GIVEN = {"question": ["vae"], "start": ["vae", "-f", "pytorch"], "hint": ["vae"], "train": ["vae", "-f", "pytorch"],
         "explore": ["vae", "-f", "pytorch"], "evaluate": ["vae", "-f", "pytorch"], "compare": ["vae"], "trace": ["vae"], "data show": ["newts"]}
WORDS = {"--framework", "--frameworks", "--data", "--size", "--precision", "--device", "--language", "--task", "--split", "--only"}


def options():
    """(command line, option, its Python type) of all that take a value."""
    def of(app, words):
        for command in app.registered_commands:
            name = command.name or command.callback.__name__
            for parameter, hint in typing.get_type_hints(command.callback, include_extras=True).items():
                for info in getattr(hint, "__metadata__", ()):
                    if isinstance(info, typer.models.OptionInfo):
                        decls = [d for d in (info.default, *(info.param_decls or ())) if isinstance(d, str) and d.startswith("--")]
                        kind = typing.get_args(hint)[0]
                        kind = next((k for k in typing.get_args(kind) if k is not type(None)), kind)
                        if kind is not bool:
                            yield [*words, name], decls[0] if decls else "--" + parameter.replace("_", "-"), kind
        for group in app.registered_groups:
            yield from of(group.typer_instance, [*words, group.name])
    return list(of(commands.app, []))


NUMBERS = [(words, option) for words, option, kind in options() if kind in (int, float)]
TEXTS = [(words, option) for words, option, kind in options() if option in WORDS]


def refused(inside, words, option, value):
    arguments = [*words, *GIVEN.get(" ".join(words), []), option, value]
    process = inside(*arguments)
    assert process.returncode == 2, (arguments, process.returncode, process.stdout, process.stderr)
    assert "Traceback" not in process.stderr and 0 < len(process.stderr.strip().splitlines()) <= 12, process.stderr


def test_all_options_are_found():
    assert len(NUMBERS) >= 15 and len(TEXTS) >= 12, (NUMBERS, TEXTS)


@pytest.mark.parametrize(("words", "option"), NUMBERS, ids=lambda v: v if isinstance(v, str) else "-".join(v))
def test_numbers(inside, tmp_path, monkeypatch, words, option):
    monkeypatch.chdir(tmp_path)
    for value in NO_NUMBERS:
        refused(inside, words, option, value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]             # nothing was begun


@pytest.mark.parametrize(("words", "option"), TEXTS, ids=lambda v: v if isinstance(v, str) else "-".join(v))
def test_words(inside, tmp_path, monkeypatch, words, option):
    monkeypatch.chdir(tmp_path)
    for value in NO_WORDS:
        refused(inside, words, option, value)


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), MemoryError(), UnicodeEncodeError("ascii", "é", 0, 1, "no"),
                                   AssertionError("two\nlines"), ModuleNotFoundError("no harness.x", name="harness.x")])
def test_a_fault_of_ours_has_a_code_of_its_own(inside, monkeypatch, error):
    """Never 1, which says "wrong"; the details are kept in a file."""
    def fails(*_, **__):
        raise error
    monkeypatch.setattr("harness.tasks.names", fails)
    process = inside("list")
    assert process.returncode == terminal.CRASHED == 70 and process.stderr.count("\n") == 1
    details = process.stderr.rpartition(": ")[2].strip()
    with open(details, encoding="utf-8") as file:
        text = file.read()
    os.unlink(details)
    assert "Traceback" in text and type(error).__name__ in text and "in fails" in text


@pytest.mark.parametrize(("error", "code"), [(WorkbookError("no"), 2), (PermissionError(13, "no", "x"), 2), (KeyboardInterrupt(), 130)])
def test_the_other_ends(inside, monkeypatch, error, code):
    def fails(*_, **__):
        raise error
    monkeypatch.setattr("harness.tasks.names", fails)
    process = inside("list")
    assert process.returncode == code and process.stderr.count("\n") == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp932", "utf-8"])
def test_any_encoding(harness, encoding, tmp_path):
    """The verdict on a learner's file that prints what no encoding has, in each encoding."""
    (tmp_path / "ae_chainer.py").write_text("print('\\udcff \\u2713 \\u00e9 \\u65e5')\nraise ValueError('\\ud800 \\u2713')\n")
    for code, command in ((4, ["check", tmp_path / "ae_chainer.py", "--work", tmp_path]), (0, ["list"]), (0, ["progress", "--work", tmp_path])):
        process = harness(*command, env={"PYTHONIOENCODING": encoding}, encoding=encoding)
        assert process.returncode == code and "Traceback" not in process.stderr, process.stderr


def test_nobody_reads(tmp_path):
    """``| head``: quietly, and not with 1."""
    import subprocess
    import sys
    process = subprocess.run(["bash", "-c", f"{sys.executable} -m harness question vae | true; echo ${{PIPESTATUS[0]}}"],
                             capture_output=True, text=True, timeout=60)
    assert process.stdout.strip() in ("0", "141") and not process.stderr
