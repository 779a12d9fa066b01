"""By which formula a loss is computed, and whether what is trained is wrong, or only what is reported."""

import pytest
from subjects import subject

from harness import tasks
from harness.diagnosis import formulas
from harness.diagnosis.formulas import differences
from harness.diagnosis.investigation import Investigation, why
from harness.exact.mathematics import KL
from harness.tasks import mistakes, parameters
from harness.work import stub
from tools.reports import reports


def written(number, framework="pytorch"):
    """(task, source) of a report, in each style."""
    report = reports()[number - 1]
    return [(task, source) for _, task, of, _, source in report.answers() if of == framework]


def edited(name, *changes, framework="pytorch"):
    source = stub.solution(tasks.answer_path(tasks.load(name), framework).read_text(encoding="utf-8"))
    return mistakes.edited(source, list(changes))


@pytest.mark.parametrize("style", [0, 1])
@pytest.mark.parametrize("few", [formulas.FEW, formulas.MANY])
def test_a_logarithm_of_probabilities_that_are_cut_off_hides_no_formula(style, few, monkeypatch):
    """From logits it is a mean in place of a sum; from such probabilities, that too, and at some of the weights another number."""
    monkeypatch.setattr(formulas, "FEW", few)
    name, source = written(1)[style]
    source = source.replace("recon = torch.sigmoid(self.decoder(z))", "recon = torch.sigmoid(self.decoder(z)).clamp(1e-6, 1 - 1e-6)")
    assert ("clamp" in source) is (style == 1)
    bce = next(finding for finding in Investigation(subject(name, "pytorch", source)).run() if finding.place == "bce")
    assert bce.kind == "loss" and "1/48 of what it should be" in bce.words
    odd = "at 2 of 9 settings of the weights it is not even that"
    assert (odd in bce.words) is (style == 1)


@pytest.mark.parametrize("style", [0, 1])
def test_only_what_is_returned_is_wrong(style):
    """A part of what is minimized; its own number is another, and the sum is right, as all gradients are."""
    name, source = written(41)[style]
    finding, = Investigation(subject(name, "pytorch", source)).run()
    assert (finding.kind, finding.place) == ("reported", "l1")
    assert "100 times" in finding.words and "what is trained is right" in finding.words


def test_what_is_trained_is_wrong_too():
    source = edited("pix2pix", ["self.l1_weight * l1", "2 * self.l1_weight * l1"])
    finding, = Investigation(subject("pix2pix", "pytorch", source)).run()
    assert (finding.kind, finding.place) == ("loss", "generator") and "what is trained" not in finding.words


def test_a_loss_that_is_wrong_only_where_the_question_begins():
    """Cut off from below: at weights of larger numbers it is the question's, so that no formula follows from these alone."""
    source = edited("vae", ["        kl = ", "        bce = bce.clamp_min(35.0)\n        kl = "])
    task = tasks.load("vae")
    found, _ = why(task, lambda seed: subject("vae", "pytorch", source), parameters.initial(task.networks, task.initializers, 0))
    assert [finding.place for finding in found] == ["bce"]
    assert "settings of the weights it is another number" in found[0].words


@pytest.mark.parametrize("yours, said", [
    ({"mu²": 0.5, "exp(log_var)": 0.5, "log_var": -0.5, "1": 0.5}, "the constant has the wrong sign"),
    ({"mu²": 0.5, "exp(log_var)": 0.5, "log_var": -0.5}, "the constant is missing"),
    ({"mu²": 0.5, "exp(log_var)": 0.5, "1": -0.5}, "log_var is missing"),
    ({"mu²": 0.5, "exp(log_var)": 0.5, "log_var": -0.5, "1": -0.5, "mu": 1.0}, "mu is there in addition")])
def test_a_term_that_is_a_number_is_called_the_constant(yours, said):
    assert differences(tasks.load("vae"), yours, KL) == [said]


@pytest.mark.slow
@pytest.mark.parametrize("style", [0, 1])
def test_a_norm_over_another_axis(style):
    """Once with the question's guard of the root at 0, and once without, which shows where gradients are nearly 0."""
    name, source = written(26)[style]
    finding, = Investigation(subject(name, "pytorch", source)).run()
    assert (finding.kind, finding.place) == ("loss", "penalty")
    assert finding.yours == "penalty = (norm over the channels alone - 1)²"


@pytest.mark.slow
def test_every_call_moves_running_averages_twice():
    source = edited("wgan_gp", *mistakes.edits(tasks.load("wgan_gp"), "pytorch")["mixed-with-other-fakes"])
    finding, = Investigation(subject("wgan_gp", "pytorch", source)).run()
    assert finding.kind == "averages" and "go through the network twice in a step (in 3 of 4 calls)" in finding.words
