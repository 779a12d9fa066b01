"""A learner's folder, without a command line around it."""

import pytest

from harness import tasks
from harness.messages import WorkbookError
from harness.tasks import ROOT, question
from harness.work import actions, files, progress, stub

AE = tasks.load("ae")


def test_start_writes_the_stub_and_notes_it(tmp_path):
    begun = actions.start("ae", "Chainer", tmp_path, ROOT)
    assert (begun.path, begun.kept, begun.framework) == (tmp_path / "ae" / "ae_chainer.py", None, "chainer")
    assert begun.path.read_text() == stub.of(AE, "chainer")
    assert progress.load(tmp_path).last == ["ae", "chainer"]


def test_nothing_is_written_over(tmp_path):
    actions.start("ae", "chainer", tmp_path, ROOT).path.write_text("mine")
    with pytest.raises(WorkbookError, match="exists already"):
        actions.start("ae", "chainer", tmp_path, ROOT)
    assert actions.start("ae", "chainer", tmp_path, ROOT, force=True).kept.read_text() == "mine"
    begun = actions.reset("ae", None, tmp_path, ROOT)
    assert begun.kept.read_text() == stub.of(AE, "chainer") == begun.path.read_text()


def test_a_notebook_in_place_of_a_file(tmp_path):
    actions.start("ae", "chainer", tmp_path, ROOT).path.write_text("mine")
    begun = actions.start("ae", "chainer", tmp_path, ROOT, as_notebook=True, force=True)
    assert begun.path.suffix == ".ipynb" and begun.kept.read_text() == "mine"
    assert files.find("ae", None, tmp_path, ROOT)[2] == begun.path


def test_hints_come_one_after_the_other(tmp_path):
    actions.start("ae", "chainer", tmp_path, ROOT)
    number = len(question.hints(AE))
    assert [actions.hint(None, None, None, tmp_path, ROOT)[0] for _ in range(number + 1)] == [*range(1, number + 1), number]
    assert actions.hint("ae", 1, None, tmp_path, ROOT)[0] == 1
    with pytest.raises(WorkbookError, match=f"has {number} hints"):
        actions.hint("ae", number + 1, None, tmp_path, ROOT)


def test_the_solution_comes_after_ones_own(tmp_path):
    actions.start("ae", "chainer", tmp_path, ROOT)
    with pytest.raises(WorkbookError, match="has not passed yet"):
        actions.solution("ae", None, False, tmp_path, ROOT)
    done = progress.load(tmp_path)
    done.checked("ae", "chainer", "passed")
    done.save()
    source = actions.solution(None, None, False, tmp_path, ROOT)
    assert source == stub.solution(tasks.answer_path(AE, "chainer").read_text()) == actions.solution("ae", "chainer", True, tmp_path, ROOT)
