"""A mistake in a network is said where it is made, and only there."""

import numpy as np
import pytest
from subjects import subject

from harness import tasks
from harness.diagnosis import chance
from harness.diagnosis.investigation import Investigation
from harness.diagnosis.networks import abilities
from harness.diagnosis.tape import Tape
from harness.tasks import parameters
from tools.edits.__main__ import made
from tools.edits.source import Answer

# Task, edit of tools.edits as "kind: words" at which place, and all that is to be said of it.
EDITS = [
    ("conv_vae", "activation replaced: relu -> leaky_relu", "up (decoder)",
     [("decoder.relu2 and 2 more in this network", "LeakyReLU with slope")]),
    ("conv_vae", "norm epsilon: epsilon 0.001", "down (encoder)",
     [("encoder.batch_norm1 and 2 more in this network", "batch norm has epsilon 0.001")]),
    # The norms that follow take the difference away: to 1e-8 of what the network gives.
    ("conv_vae", "norm epsilon: epsilon 2e-05", "Decoder (decoder)", [("decoder.batch_norm1", "batch norm has epsilon 2e-05")]),
    ("vae_gan", "norm epsilon: epsilon 2e-05", "Decoder (decoder)", [("decoder.batch_norm1", "batch norm has epsilon 2e-05")]),
    ("convae", "padding: padding 2", "ConvolutionalAutoencoder.encoder (encoder)",
     [("encoder.conv1", "the padding of conv1 is 2, where the question has 1")]),
    # The discriminator is called three times, and has other parameters the third time.
    ("pix2pix", "norm moved: nn.LeakyReLU(slope) before nn.BatchNorm2d(2 * n * features, epsilon)", "PatchGAN (discriminator)",
     [(f"discriminator.batch_norm{i}", f"leaky_relu{i + 1} (leaky_relu) comes before batch_norm{i} (batch_norm), not after it")
      for i in (1, 2, 3)]),
    ("unet_vae_gan", "concatenation: skip first", "Decoder.forward.x (decoder)",
     [("decoder.concat1 and 3 more in this network", "concat1 has its inputs in the other order")]),
    ("sampling_decoder", "concatenation: z.unsqueeze(1).expand(-1, p, -1) first", "SamplingDecoder.logits.pairs (decoder)",
     [("decoder", "what the decoder is called with is in another order, with its first 2 values last")]),
    ("sampling_decoder", "coefficient: pairs times 2", "SamplingDecoder.logits.pairs",
     [("decoder", "what the decoder is called with is doubled")]),
    ("vae", "coefficient: 2 -> 4", "VariationalAutoencoder.train_step.z", [("z", "exp(log_var / 4) eps in place of")]),
]


def edited(task, said, place):
    """Our answer with an edit."""
    answer = Answer(tasks.load(task), "pytorch")
    edits = [e for _, e in made(["pytorch"], [task], [said.partition(":")[0]]) if f"{e.kind}: {e.words}" == said]
    [edit, *_] = [e for e in edits if e.place == place]
    return edit.made(answer.text)


@pytest.mark.parametrize("task, said, place, findings", EDITS, ids=[f"{task}-{said}" for task, said, *_ in EDITS])
def test_a_mistake_is_said_of_the_layers_that_have_it(task, said, place, findings):
    investigation = Investigation(subject(task, "pytorch", edited(task, said, place)))
    found = investigation.run()
    assert [f.place for f in found] == [where for where, _ in findings]
    assert all(words in f.words for f, (_, words) in zip(found, findings))
    assert investigation.unexplained == []          # and with it all the rest is right


def test_inputs_of_another_call_are_said():
    """The reconstruction reads the disturbed skips."""
    source = Answer(tasks.load("unet_vae_gan"), "pytorch").text
    source = source.replace('torch.exp(log_var / 2) * batch["eps"], skips)',
                            'torch.exp(log_var / 2) * batch["eps"], self.disturb(skips, [batch[f"skip{i}"] for i in (1, 2, 3, 4)]))')
    found = Investigation(subject("unet_vae_gan", "pytorch", source)).run()
    assert [(f.place, f.words) for f in found] == [
        ("decoder", "in one of its calls the decoder gets skip1, skip2, skip3 and skip4 of another call")]


def test_the_order_of_calls_shows_in_running_averages():
    source = Answer(tasks.load("unet_vae_gan"), "pytorch").text
    first = source.index("        # Made once")
    line = '        reconstructions = self.decoder(mu + torch.exp(log_var / 2) * batch["eps"], skips)\n'
    source = source.replace(line, "")
    source = source[:first] + line + source[first:]
    [found] = Investigation(subject("unet_vae_gan", "pytorch", source)).run()
    assert found.place.startswith("decoder.")
    assert found.words == "the calls of the decoder in a step move the running averages in another order"


ABILITIES = [
    ("vae", "activation removed: no sigmoid", {"decode", "reconstruct", "generate"}, "there is no sigmoid at its end"),
    ("vae", "activation replaced: sigmoid -> tanh", {"decode", "reconstruct", "generate"}, "tanh in place of sigmoid at its end"),
    ("sampling_decoder", "activation replaced: sigmoid -> relu", {"decode", "reconstruct", "generate"}, "ReLU in place of sigmoid"),
    ("conv_vae", "mode of an ability: in training mode, left there", {"encode", "reconstruct"}, "in training mode")]


@pytest.mark.parametrize("task, said, names, words", ABILITIES)
def test_an_ability_is_explained_where_training_is_right(task, said, names, words):
    [source, *_] = [e.made(a.text) for a, e in made(["pytorch"], [task], [said.partition(":")[0]])
                    if f"{e.kind}: {e.words}" == said and not (e.networks and e.kind.startswith("activation"))]
    of = subject(task, "pytorch", source)
    assert Investigation(of).run() == []
    found = abilities.explain(of, parameters.probing(of.task.networks, 0))
    assert {f.place for f in found} == names and all(words in f.words for f in found)


def test_infinite_values_are_compared_without_a_warning():
    """They are the same in both runs; a value that is another one is found behind them."""
    one, other = (Tape(np.array([[1.0, np.inf, np.inf, np.nan], [1.0, second, 4.0, 8.0]]), np.array([1, 2]), [], {}, {})
                  for second in (2.0, 3.0))
    with np.errstate(invalid="raise"):
        assert chance.first_apart(one, other) == 1 and chance.first_apart(one, one) is None
