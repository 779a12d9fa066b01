"""An answer cut into parts: every line in one, and the same parts in all frameworks."""

import ast
import re

import pytest
from laid import answers

from harness import tasks
from harness.frameworks import FRAMEWORKS
from website.align.parts import SOLUTION, Answer

NAMES = tasks.names()


@pytest.mark.parametrize("name", NAMES)
def test_every_line_of_code_is_in_one_part(name):
    for answer in answers(name).values():
        lines = [line for part in answer.parts.values() if part.key != "losses" for line in part.lines]
        assert len(lines) == len(set(lines))
        assert sorted({*lines, *answer.parts["losses"].lines}) == answer.code()
        shown = "\n".join(answer.text[n - 1] for n in answer.code())
        assert "class " in shown and "__main__" not in shown and not SOLUTION.search(shown)


@pytest.mark.parametrize("name", NAMES)
def test_all_frameworks_have_the_tasks_parts(name):
    task = tasks.load(name, "full")
    wanted = {"constructor", "optimizers", "losses", "training-step", *(f"network-{n}" for n in task.networks),
              *(f"ability-{n.replace('_', '-')}" for n in task.abilities)}
    for framework, answer in answers(name).items():
        assert wanted <= set(answer.parts), framework
        assert all(part.lines == tuple(sorted(part.lines)) for part in answer.parts.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_part_holds_what_it_is_called_by(name):
    task = tasks.load(name, "full")
    for answer in answers(name).values():
        def text(key, answer=answer):
            return "\n".join(answer.text[n - 1] for n in answer.parts[key].lines)
        assert "def train_step(" in text("training-step") and "return" in text("training-step")
        for network in task.networks:
            assert re.search(rf"self\.{network}\b", text(f"network-{network}"))
        for optimizer in task.optimizers:
            assert re.search(rf"\b{optimizer}\b", text("optimizers"))
        for ability in task.abilities:
            assert f"def {ability}(" in text(f"ability-{ability.replace('_', '-')}")


SOURCE = '''
import lib

def weights(module):
    lib.zeros(module)

class Block(lib.Module):
    def __init__(self, n):
        self.layer = lib.Linear(n)

def up(n):
    return lib.Up(n)

class Encoder(lib.Module):
    def __init__(self, n):
        self.block = Block(n)

def distance(a, b):
    return lib.mean((a - b) ** 2)

class VariationalAutoencoder(lib.Module):
    def __init__(self, n):
        super().__init__()
        ### BEGIN SOLUTION
        double = 2 * n
        self.encoder = Encoder(double)
        # The way back
        self.decoder = lib.Sequential(up(n), up(2 * n))
        self.apply(weights)
        self.optimizer = lib.Adam(self.parameters())
        ### END SOLUTION

    def train_step(self, batch):
        images = batch["images"]
        bce = distance(self.decoder(self.encoder(images)), images)
        kl = self.divergence(images)
        loss = bce + kl
        loss.backward()
        return {"loss": loss, "bce": bce, "kl": kl}

    def divergence(self, images):
        found = lib.kl(self.encoder(images))
        return found

    def encode(self, images):
        return self.encoder(images)

if __name__ == "__main__":
    print()
'''


def parts_of(source):
    answer = Answer(source, tasks.load("vae"))
    return {key: [answer.text[n - 1].strip() for n in part.lines] for key, part in answer.parts.items()}


def test_a_part_is_found_by_what_uses_it():
    found = parts_of(SOURCE)
    assert found["layers"] == ["def weights(module):", "lib.zeros(module)", "class Block(lib.Module):", "def __init__(self, n):",
                               "self.layer = lib.Linear(n)", "def up(n):", "return lib.Up(n)"]
    assert found["network-encoder"] == ["class Encoder(lib.Module):", "def __init__(self, n):", "self.block = Block(n)", "double = 2 * n",
                                        "self.encoder = Encoder(double)"]
    assert found["network-decoder"] == ["# The way back", "self.decoder = lib.Sequential(up(n), up(2 * n))"]
    assert found["optimizers"] == ["self.optimizer = lib.Adam(self.parameters())"]
    assert found["losses"] == ["def distance(a, b):", "return lib.mean((a - b) ** 2)",
                               "bce = distance(self.decoder(self.encoder(images)), images)", "kl = self.divergence(images)", "loss = bce + kl",
                               "found = lib.kl(self.encoder(images))"]
    assert found["constructor"] == ["class VariationalAutoencoder(lib.Module):", "def __init__(self, n):", "super().__init__()",
                                    "self.apply(weights)"]
    assert list(found) == ["layers", "network-encoder", "network-decoder", "constructor", "optimizers", "losses", "training-step",
                           "ability-encode", "method-divergence"]


def test_an_optimizer_that_is_given_by_name_is_found():
    found = parts_of(SOURCE.replace("self.optimizer = lib.Adam(self.parameters())", "self.compile(optimizer=lib.Adam())"))
    assert found["optimizers"] == ["self.compile(optimizer=lib.Adam())"]


def test_the_aligner_knows_no_framework_by_name():
    """Nothing in it, but for the notes' columns, says what a framework calls things."""
    from website.align import beside, likeness, parts
    for module in (beside, likeness, parts):
        tree = ast.parse(open(module.__file__, encoding="utf-8").read())
        said = {node.value.lower() for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
                and "\n" not in node.value and " " not in node.value}
        assert not any(word in text for text in said for word in (*FRAMEWORKS, "linear", "dense", "conv", "relu", "adam", "zero_grad"))
