"""Two mistakes at once are found one after the other."""

import pytest
from subjects import subject

from harness import tasks
from harness.diagnosis.investigation import Investigation, why
from harness.tasks import mistakes, parameters
from harness.work import stub

# Task, two mistakes, and what is said of each.
BOTH = [("vae", ("kl-sign", "variance-as-deviation"), ("exp(log_var) eps in place of", "all of it has the wrong sign")),
        ("vae", ("bce-mean-over-pixels", "decoder-without-relu"), ("there is no ReLU", "1/48 of what it should be")),
        ("gan", ("slope-default", "real-label-smoothed"), ("slope 0.01", "the label of real is")),
        ("gan", ("real-label-smoothed", "generator-label"), ("the label of G(z) is 0", "the label of real is"))]


@pytest.mark.parametrize("name, both, said", BOTH)
@pytest.mark.parametrize("framework", ["pytorch", "chainer"])
def test_both_are_said(name, both, said, framework):
    task = tasks.load(name)
    source = stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
    for mistake in both:
        source = mistakes.edited(source, mistakes.edits(task, framework)[mistake])
    words = [finding.words for finding in Investigation(subject(name, framework, source)).run()]
    assert all(any(text in one for one in words) for text in said), words


def found(name, framework, edits):
    """What ``why`` finds of a reference answer with these edits: (place, words)."""
    source = stub.solution(tasks.answer_path(tasks.load(name), framework).read_text(encoding="utf-8"))
    for old, new in edits:
        assert old in source, old
        source = source.replace(old, new)
    begin = parameters.initial(tasks.load(name).networks, tasks.load(name).initializers, 0)
    findings, facts = why(tasks.load(name), lambda seed: subject(name, framework, source), begin)
    assert not facts
    return [(finding.place, finding.words) for finding in findings]


DISCRIMINATOR = """        self.discriminator.cleargrads()
        discriminator_loss.backward()
        self.discriminator_optimizer.update()
"""
GENERATOR = "        self.generator_optimizer.update()\n"
LATE = [[DISCRIMINATOR, ""], [GENERATOR, GENERATOR + DISCRIMINATOR]]


@pytest.mark.parametrize("more, said", [
    ([], []),
    ([["bce(self.discriminator(images), 1) +", "bce(self.discriminator(images), 0.9) +"]],
     [("discriminator", "the label of real is 9/10, and should be 1")]),
    ([["F.leaky_relu(x, slope)", "F.leaky_relu(x, 0.3)"]],
     [("discriminator.leaky_relu1 and 3 more in this network", "LeakyReLU with slope 0.3 (Keras's default)")]),
    ([["eps=1e-8", "eps=1e-7"]],
     [(f"{of}_optimizer", "epsilon is 1e-07 (Keras's default), where the question has 1e-08") for of in ("discriminator", "generator")]),
    # What is computed after a step may follow from the order: nothing is said of it.
    ([["generator_loss = bce(self.discriminator(fake), 1)", "generator_loss = bce(self.discriminator(fake), 0.9)"]], []),
])
def test_beside_a_wrong_order_of_steps_what_comes_before_any_step_is_said(more, said):
    first, *others = found("dcgan", "chainer", [*LATE, *more])
    assert first == ("train_step", "generator_optimizer takes its step first, and should not")
    assert others == said


ODD = ["F.sum(F.squared_difference(reconstructions, images)) / len(images)",
       "F.sum(F.absolute(reconstructions - images) ** 1.5) / len(images)"]


def test_a_loss_that_nothing_explains_is_told_beside_another_mistake():
    came = found("conv_vae", "chainer", [ODD, ["-0.5 * F.sum(1 + log_var", "-1.0 * F.sum(1 + log_var"]])
    assert came == [("kl", "all of it is 2 times what it should be"),
                    ("squared_error", "it is another formula than the question's; which one, was not found")]


def test_a_loss_that_may_follow_is_not():
    """A sum of losses is another one where one of them is."""
    came = found("conv_vae", "chainer", [["-0.5 * F.sum(1 + log_var", "-1.0 * F.sum(1 + log_var"]])
    assert came == [("kl", "all of it is 2 times what it should be")]


def test_a_share_of_one_in_ten_thousand_is_a_number_that_somebody_writes():
    came = found("conv_vae", "chainer", [[ODD[0], ODD[0].replace("F.sum", "F.mean")]])
    assert came == [("squared_error", "all of it is 1/10752 of what it should be, as by a mean over the batch and its values where the "
                     "question has a sum")]
