"""Small edits of our answers, other ones each day: every one is found wrong, and what is said of it is true."""

import os
from types import SimpleNamespace

import pytest

from harness import tasks
from harness.diagnosis.finding import Finding
from harness.feedback.diagnosis import Diagnosis
from harness.feedback.ladder import Rung
from harness.feedback.verdict import Verdict
from harness.runner.bench import WRONG
from tools.edits import layers
from tools.edits.__main__ import made, sampled
from tools.edits.judge import Judge, about
from tools.edits.source import Answer, Edit

DAY = int(os.environ["WORKBOOK_DAY"])
LONG = bool(os.environ.get("WORKBOOK_LONG"))
# How many of each framework on a day: an edit takes a second, in TensorFlow and Keras ten, of which one has its turn each day.
NUMBERS = {"pytorch": 6, "chainer": 5, ("tensorflow", "keras")[DAY % 2]: 1}
SHARE = 0.85            # of the edits that need an explanation, at least so many have it


def test_edits_are_found_and_explained(tmp_path):
    """The day is the seed: ``WORKBOOK_DAY=... pytest`` repeats it."""
    judge = Judge(tmp_path)
    results = []
    for framework, number in NUMBERS.items():
        edits = made([framework], tasks.names(), [""])
        results += [judge.judge(*edit) for edit in sampled(edits, number * (5 if LONG else 1), DAY)]
    judge.close()
    said = "\n".join(f"{r.what}: {r.edit.task}_{r.edit.framework}:{r.edit.line} {r.edit.kind}: {r.edit.words}: {r.said}" for r in results)
    said = f"WORKBOOK_DAY={DAY}\n{said}"
    assert len(results) >= sum(NUMBERS.values())
    assert not [r for r in results if r.what in ("fault", "timed out", "missed", "explained wrongly")], said
    explained = [r.what in ("named", "explained", "explained, and more") for r in results if r.what not in ("the same", "stopped")]
    assert sum(explained) >= SHARE * len(explained) - 1, said       # one of so few is by chance


EDIT = Edit("gan", "pytorch", "slope", "slope 0.01", 30, 30, "Discriminator (discriminator)", (), r"^slope: LeakyReLU with slope 0.01\b",
            frozenset({"discriminator"}), frozenset({"leaky_relu"}))
SAID = "LeakyReLU with slope 0.01 (PyTorch's default)"


@pytest.mark.parametrize("right, finding", [
    (True, Finding("slope", "discriminator.leaky_relu1", SAID)), (True, Finding("slope", "", SAID, line=32)),
    (True, Finding("slope", "discriminator.leaky_relu1 and 1 more in this network", SAID)),
    (False, Finding("slope", "discriminator.leaky_relu1 and 2 more", SAID, line=30)),      # in other networks, which have not the edit
    (False, Finding("slope", "generator.relu1", SAID)), (False, Finding("slope", "discriminator.dense1", SAID)),
    (False, Finding("slope", "discriminator.leaky_relu1", "LeakyReLU with slope 0.1")),
    (False, Finding("missing", "discriminator.leaky_relu1", "there is no LeakyReLU"))])
def test_a_finding_is_about_an_edit_by_place_and_words(right, finding):
    assert about(finding, EDIT, tasks.load("gan")) is right


def test_an_edit_of_an_ability_is_not_one_of_training():
    """It is said of each ability that runs it."""
    answer = Answer(tasks.load("vae"), "pytorch")
    [edit] = [e for e in layers.edits(answer) if e.kind == "activation removed" and e.place == "VariationalAutoencoder.decode"]
    assert edit.names == {"decode", "reconstruct", "generate"}
    for name, words in (("decode", "there is no sigmoid at its end"), ("generate", "there is no sigmoid at its end")):
        assert about(Finding("ability", name, words), edit, answer.task)
    for name, words in (("encode", "there is no sigmoid at its end"), ("decode", "what it gives is mirrored")):
        assert not about(Finding("ability", name, words), edit, answer.task)


def test_a_fault_of_the_diagnosis_is_one(tmp_path, monkeypatch):
    """It hides nothing: neither a name nor that the answer is found wrong makes up for it."""
    task = tasks.load("gan")
    verdict = Verdict(task, "pytorch", tmp_path, WRONG, [Rung("forward", WRONG)], diagnosis=Diagnosis(fault="KeyError: 'x'"))
    monkeypatch.setattr("tools.edits.judge.check", lambda *arguments: verdict)
    monkeypatch.setattr("tools.edits.judge.worker", lambda *arguments: SimpleNamespace(close=lambda: None))
    assert Judge(tmp_path).judge(Answer(task, "pytorch"), EDIT).what == "fault"


def test_names_that_are_used_again_belong_to_the_network_that_reads_them():
    """Keras: ``mu`` and ``log_var`` are made of ``h``, and the encoder of these."""
    answer = Answer(tasks.load("vae"), "keras")
    for edit in layers.edits(answer):
        if edit.place in ("VariationalAutoencoder.h (encoder)", "VariationalAutoencoder.h"):
            assert edit.networks == {"encoder"}
    places = {edit.place for edit in layers.edits(answer)}
    assert places >= {"VariationalAutoencoder.h (encoder)", "VariationalAutoencoder.decoder (decoder)"}
