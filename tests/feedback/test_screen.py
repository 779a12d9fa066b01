"""What a learner reads: at most a screen of 80 columns, what is wrong first, and nothing that only a typesetter reads."""

import io
import re
from pathlib import Path

import pytest

from harness import tasks
from harness.commands import console
from harness.diagnosis.finding import Finding
from harness.feedback import check, display, quote
from harness.feedback.diagnosis import Diagnosis
from harness.feedback.ladder import Rung
from harness.feedback.shown import said
from harness.feedback.verdict import Verdict
from harness.runner.bench import NOT_ATTEMPTED, PASSED, RAISED, WRONG
from harness.runner.client import Here
from harness.tasks import mistakes
from harness.tasks.mistakes import Mistake
from harness.work import stub

AE = tasks.load("ae")
LINES, COLUMNS = 20, 80
LATEX = re.compile(r"\\[A-Za-z]+|\$|[_^]\{")


def shown(verdict, width=COLUMNS, verbose=False):
    """The lines on a terminal, with that of the page."""
    terminal = console.Terminal(file=io.StringIO(), force_terminal=width is not None, width=width or COLUMNS, color_system=None)
    display.show(verdict, terminal, verbose)
    display.show_page(verdict, Path("work/checks/ae_pytorch.html"), terminal)
    return terminal.file.getvalue().splitlines()


def read_well(verdict):
    """Raises AssertionError unless it is."""
    lines = shown(verdict)
    text = "\n".join(lines)
    assert len(lines) <= LINES and max(map(len, lines)) <= COLUMNS, text
    assert not LATEX.search(text), text
    assert lines[0].startswith(f"{said.MARKS[verdict.state][0]} {verdict.task.name}, "), text
    assert "" not in (lines[1], lines[-2]) and "\n\n\n" not in text, text
    return text


def wrong_answers(task, framework, folder):
    """(name, verdict) of every named mistake."""
    source = stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
    path = folder / f"{task.name}_{framework}.py"
    for name, changes in mistakes.edits(task, framework).items():
        path.write_text(mistakes.edited(source, changes), encoding="utf-8")
        verdict = check.check(Here(framework), task, path)
        verdict.file = Path("work") / task.name / path.name
        yield name, verdict


@pytest.mark.slow
@pytest.mark.sampled(8)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", tasks.names())
def test_every_mistake_is_told_on_one_screen(name, tmp_path):
    task = tasks.load(name)
    titles = {mistake.name: mistake.title for mistake in mistakes.load(task)}
    for mistake, verdict in wrong_answers(task, "pytorch", tmp_path):
        text = " ".join(read_well(verdict).split())
        assert titles[mistake] in text, text
        if len(verdict.mistakes) == 1:
            assert titles[mistake] in text[:len(titles[mistake]) + 40]


def test_the_mistakes_of_one_task(tmp_path):
    """... also in a student edition, which has no program to solve with."""
    for _, verdict in wrong_answers(AE, "chainer", tmp_path):
        text = read_well(verdict)
        verdict.diagnosis.findings = []
        assert read_well(verdict).splitlines()[0] == text.splitlines()[0]


def long(words):
    return " ".join(["word"] * words)


def verdict_of(state=WRONG, diagnosis=None, known=(), rung=None, **more):
    rungs = [*(Rung(name) for name in ("loads", "networks", "initial", "shapes", "forward")), *([rung] if rung else [])]
    return Verdict(AE, "pytorch", Path("work/ae/ae_pytorch.py"), state, rungs, rung.message if rung else "", diagnosis or Diagnosis(),
                   list(known), **more)


LOSSES = Rung("first losses", WRONG, "the losses of the first step are wrong", [f"mse: expected {i}, got {long(20)}" for i in range(9)])
FINDINGS = [Finding("loss", "mse", long(30), f"mse = {long(30)}", f"mse = {long(30)}", 12) for _ in range(5)]


@pytest.mark.parametrize("verdict", [
    verdict_of(rung=LOSSES), verdict_of(rung=LOSSES, diagnosis=Diagnosis(facts=[long(40)] * 9)),
    verdict_of(rung=LOSSES, diagnosis=Diagnosis(findings=FINDINGS), printed="line\n" * 99),
    verdict_of(rung=LOSSES, diagnosis=Diagnosis(findings=FINDINGS), known=[Mistake("a", long(12), long(99))], printed="line\n" * 99),
    verdict_of(rung=LOSSES, known=[Mistake(name, long(12), long(70)) for name in "abc"]),
    verdict_of(RAISED, rung=Rung("first losses", RAISED, "ValueError: " + "so\n" * 99, [], [[i, long(20)] for i in range(50)])),
    verdict_of(RAISED, rung=Rung("first losses", RAISED, long(999))),
    verdict_of(NOT_ATTEMPTED, rung=Rung("loads", NOT_ATTEMPTED, "train_step is yours to write", [], [[3, "raise NotImplementedError"]])),
    verdict_of(rung=Rung("networks", WRONG, "network 'e' has 99 arrays", ["e:  the question  |  your network", *["  (1, 2)  |  (1, 2)"] * 50,
                                                                         "> (1, 3)  |  (3, 1)", *["  (1, 2)  |  (1, 2)"] * 50])),
], ids=range(9))
def test_whatever_there_is_to_say(verdict):
    """... it fits, and --verbose has all of it."""
    text = read_well(verdict)
    everything = "\n".join(shown(verdict, verbose=True))
    assert verdict.state == NOT_ATTEMPTED or len(everything) > len(text)
    assert ("--verbose shows" in text) or verdict.state in (NOT_ATTEMPTED, RAISED)


def test_a_table_shows_where_it_differs():
    rows = ["e:  the question  |  your network", *[f"  {i}" for i in range(20)], "> (1, 3)  |  (3, 1)", *[f"  {i}" for i in range(20, 40)]]
    text = read_well(verdict_of(rung=Rung("networks", WRONG, "network 'e' is another", rows)))
    assert all(line in text for line in ("your network", "> (1, 3)", "      19\n", "      20\n", "and 38 more rows"))


def test_a_pipe_has_whole_lines():
    lines = shown(verdict_of(rung=LOSSES, diagnosis=Diagnosis(findings=FINDINGS[:1])), width=None)
    assert lines[0] == f"✗ ae, PyTorch: mse: {long(30)}"


@pytest.mark.parametrize(("kind", "place", "heading"), [
    ("optimizer", "optimizer", "Training"), ("constant", "optimizer", "Training"), ("kept", "optimizer", "Training"),
    ("loss", "mse", "The loss"), ("activation", "decoder.dense", "The network"), ("order", "train_step", "Training"),
    ("ability", "encode", "What to hand in")])
def test_what_is_read_is_what_the_mistake_is_about(kind, place, heading):
    """... and not the rung that saw it: a wrong optimizer of a GAN's discriminator shows in the generator's first loss."""
    verdict = verdict_of(rung=LOSSES, diagnosis=Diagnosis(findings=[Finding(kind, place, "something else")]))
    assert said.section(verdict) == heading and f'Read "{heading}"' in read_well(verdict)


@pytest.mark.parametrize("name", tasks.names())
def test_sentences_of_questions_can_be_read(name):
    from harness.tasks import question
    for heading in {*quote.SECTIONS.values(), "What is easy to get wrong"}:
        found = quote.sentences(question.section(tasks.load(name), heading))
        assert found and not [sentence for sentence in found if LATEX.search(sentence)]


def test_what_was_proven(tmp_path):
    path = tmp_path / "ae_chainer.py"
    path.write_text(stub.solution(tasks.answer_path(AE, "chainer").read_text(encoding="utf-8")), encoding="utf-8")
    verdict = check.check(Here("chainer"), AE, path)
    text = " ".join(" ".join(shown(verdict)).split())
    assert verdict.state == PASSED and "5 losses of 5 training steps" in text and "of 4 parameter arrays" in text
    assert re.search(r"agree with the question's own computation to [1-9]e-(09|1\d)\.", text)
