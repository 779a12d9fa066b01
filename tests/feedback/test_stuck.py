"""Parameters that did not move in the first step: what is said of them, and of which nothing."""

from harness import tasks
from harness.feedback import diagnosis, fingerprint
from harness.tasks import parameters

TASK = tasks.load("dcgan")
INITIAL = parameters.probing(TASK.networks, 0)
TRAINED = [p.name for network in TASK.networks.values() for p in network.parameters() if p.trainable]


def facts(still=(), nearly=(), right_still=()):
    """Of an answer that left some of its parameters, or moved them by rounding; in the right one, too, some are only rounded."""
    def after(kept, rounded):
        return fingerprint.digests({name: array if name in kept or name not in TRAINED else array * (1 + 1e-9 if name in rounded else 1.001)
                                    for name, array in INITIAL.items()})
    right = {"initial": fingerprint.digests(INITIAL), "updated": after((), right_still), "curves": {}}
    found = {"updated": after(still, nearly)}
    return diagnosis.facts(found, diagnosis.Reference(TASK, right))


def test_a_layer_that_no_gradient_reaches_is_told():
    said = facts(["generator.conv_transpose1.weight", "generator.conv_transpose1.bias"])
    assert said == ["generator.conv_transpose1.weight, generator.conv_transpose1.bias did not change in the first step: no gradient "
                    "reaches it, or no optimizer updates it"]


def test_a_bias_that_a_norm_takes_away_again_is_not():
    """Its weight moves: the gradient comes there, and that of the bias is 0. Rounding may move it, or not."""
    assert facts(["generator.conv_transpose1.bias"]) == []
    assert facts(nearly=["generator.conv_transpose1.bias"]) == []


def test_what_only_rounding_moves_in_the_right_answer_need_not_move():
    names = ["generator.conv_transpose1.weight", "generator.conv_transpose1.bias"]
    assert facts(names, right_still=names) == [] == facts(nearly=names, right_still=names)
