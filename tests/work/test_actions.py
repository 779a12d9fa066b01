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
    shown = [actions.hint(None, None, None, tmp_path, ROOT) for _ in range(number + 1)]
    assert [hint.number for hint in shown] == [*range(1, number + 1), None]
    assert [hint.left for hint in shown] == [*range(number - 1, -1, -1), 0] and not any(hint.rung for hint in shown)
    assert actions.hint("ae", 1, None, tmp_path, ROOT).number == 1
    with pytest.raises(WorkbookError, match=f"has {number} hints; .*solution ae -f chainer --anyway.* shows our answer"):
        actions.hint("ae", number + 1, None, tmp_path, ROOT)


def test_the_next_hint_is_about_the_rung_that_failed(tmp_path):
    """... as long as there is one; then the others, in their order."""
    actions.start("ae", "chainer", tmp_path, ROOT)
    hints = question.hints(AE)
    about = [n for n, hint in enumerate(hints, 1) if "first losses" in hint.about]
    assert 1 < len(about) < len(hints) and about[0] > 1
    progress.note(tmp_path, lambda done: done.checked("ae", "chainer", "wrong", "first losses"))
    shown = [actions.hint(None, None, None, tmp_path, ROOT) for _ in about]
    assert [hint.number for hint in shown] == about and {hint.rung for hint in shown} == {"first losses"}
    after = actions.hint(None, None, None, tmp_path, ROOT)
    assert (after.number, after.rung, after.left) == (1, "", len(hints) - len(about) - 1)
    progress.note(tmp_path, lambda done: done.checked("ae", "chainer", "wrong", "initial"))
    assert "initial" in hints[actions.hint(None, None, None, tmp_path, ROOT).number - 1].about


def test_the_solution_comes_after_ones_own(tmp_path):
    actions.start("ae", "chainer", tmp_path, ROOT)
    with pytest.raises(WorkbookError, match="has not passed yet"):
        actions.solution("ae", None, False, tmp_path, ROOT)
    done = progress.load(tmp_path)
    done.checked("ae", "chainer", "passed")
    done.save()
    found = actions.solution(None, None, False, tmp_path, ROOT)
    assert found.ours == stub.solution(tasks.answer_path(AE, "chainer").read_text())
    assert found == actions.solution("ae", "chainer", True, tmp_path, ROOT)
    beside = actions.solution(None, None, False, tmp_path, ROOT, beside=True)
    assert (beside.ours, beside.yours) == (found.ours, stub.of(AE, "chainer")) and beside.path.name == "ae_chainer.py"
