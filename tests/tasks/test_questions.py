"""What a question says to people and what it says to the machine is the same: table, sizes, training, both languages."""

import itertools
import math
import re

import pytest
from conftest import ROOT

from harness import tasks
from harness.feedback.ladder import RUNGS
from harness.frameworks import FRAMEWORKS
from harness.tasks import cost, question

LANGUAGES = ("README.md", "README.ja.md")


@pytest.fixture(params=tasks.names())
def task(request):
    return tasks.load(request.param, "full")


def table_of(text):
    """The rows of the network's table, which is the first: (network, layer, output, parameters)."""
    first = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE).group()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in first.splitlines()[2:]]


def shape_of(text, task):
    """"C, H, W" -> (3, 64, 64); "C·H·W = 12288" -> (12288,), and the product must be right."""
    values = dict(zip("CHW", task.image_shape))
    *product, text = text.split("=")
    shape = tuple(values.get(n.strip()) or int(n) for n in text.split(","))
    if product:
        assert math.prod(values[n.strip()] for n in product[0].split("·")) == math.prod(shape)
    return shape


@pytest.mark.parametrize("language", LANGUAGES)
def test_network_table_is_task_toml(task, language):
    rows = table_of((task.folder / language).read_text(encoding="utf-8"))
    expected = [(network.name, str(layer), layer.output_shape, sum(map(math.prod, layer.roles.values())))
                for network in task.networks.values() for layer in network.layers]
    found = [(network, layer, shape_of(output, task), int(parameters.replace(",", "")))
             for network, layer, output, parameters in rows]
    assert found == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_training_is_task_toml(task, language):
    text = (task.folder / language).read_text(encoding="utf-8")
    for number in (f"{task.batch_size}", f"{task.steps:,}",
                   f"{task.hyperparameters['learning_rate']:.6f}".rstrip("0")):
        assert re.search(rf"(?<![\d.,]){re.escape(number)}(?!\d|[.,]\d)", text), f"{language} does not say {number}"
    for name in (*task.networks, *task.optimizers, *task.abilities, *task.losses, *task.hyperparameters, task.class_name):
        assert name in text, f"{language} does not name {name}"


def test_links_lead_somewhere(task):
    for file in task.folder.glob("*.md"):
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", file.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (file.parent / link).exists(), f"{file}: {link}"


def test_hints_are_numbered(task):
    numbers = re.findall(r"^(\d+)\. ", (task.folder / "hints.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(numbers) >= 3 and numbers == [str(i + 1) for i in range(len(numbers))]


def test_hints_are_about_rungs(task):
    """... of several, and of the losses always; the comment that says so is not shown."""
    hints = question.hints(task)
    about = {rung for hint in hints for rung in hint.about}
    assert "first losses" in about <= set(RUNGS) and len(about) >= 3
    assert not any("<!--" in hint.text for hint in hints)


def test_the_path_names_what_a_question_needs():
    needs = question.needs(ROOT)
    assert list(needs) == tasks.names() and needs["ae"] == set() and needs["vae_gan"] == {"conv_vae", "dcgan"}


@pytest.mark.parametrize("size", ["check", "short"])
def test_sizes_have_the_same_arguments(task, size):
    small = tasks.load(task.name, size)
    assert small.hyperparameters.keys() == task.hyperparameters.keys()
    assert [layer.kind for n in small.networks.values() for layer in n.layers] == [
        layer.kind for n in task.networks.values() for layer in n.layers]
    assert cost.of_step(small) < cost.of_step(task)
    assert size != "check" or small.batch_size <= 16, "check is for seconds"


def test_every_answer_is_there_and_readable(task):
    for framework in FRAMEWORKS:
        path = tasks.answer_path(task, framework)
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith('"""') and len(lines) < 300
        assert max(map(len, lines)) <= 120


def test_files_stay_short():
    long = [f"{p.relative_to(ROOT)}: {n}" for folder in ("harness", "datasets", "answers", "tests", "tools", "benchmarks")
            for p in (ROOT / folder).rglob("*.py") if (n := len(p.read_text(encoding="utf-8").splitlines())) > 300]
    assert not long


@pytest.mark.parametrize("name", tasks.names())
def test_no_two_sizes_of_the_check_are_the_same(name):
    """Else one could stand for the other, and a check would not notice."""
    task = tasks.load(name)
    sizes = {"batch": task.batch_size, **{k: v for k, v in task.hyperparameters.items() if isinstance(v, int)}}
    for other in ("critic_steps", "planes"):        # a count; and what the masks of the newts have, as many as colours
        sizes.pop(other, None)
    assert len(set(sizes.values())) == len(sizes), sizes


@pytest.mark.parametrize("name", tasks.names())
def test_no_mistake_cancels_at_the_size_of_the_check(name):
    """Half of it, or twice, and a mean where a sum belongs, change nothing where a factor is 1, or a half, or two sizes are equal."""
    task = tasks.load(name)
    assert task.hyperparameters.get("latent", 3) >= 3
    factors = {k: v for k, v in task.hyperparameters.items() if isinstance(v, float) and not k.startswith(("beta", "epsilon"))}
    assert len(set(factors.values())) == len(factors) and not {0.0, 0.5, 1.0} & set(factors.values()), factors
    axes = [extent for extent in (task.batch_size, *task.image_shape) if extent > 1]
    parts = [math.prod(of) for number in range(1, len(axes) + 1) for of in itertools.combinations(axes, number)]
    assert len(set(parts)) == len(parts), "a sum over one of these axes is a sum over others, too"
