"""An answer reads and runs alone: the defaults of its constructor are what its question says, at full size."""

import ast
import itertools
import tomllib

import pytest

from harness import frameworks, tasks
from harness.tasks.parameters import ParameterMismatch
from harness.training import contract


def signature(task, framework) -> ast.arguments:
    """That of the constructor of the answer's class, read and not imported."""
    tree = ast.parse(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
    [answer] = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == task.class_name]
    [constructor] = [n for n in answer.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
    return constructor.args


@pytest.mark.parametrize("framework", list(frameworks.FRAMEWORKS))
@pytest.mark.parametrize("name", tasks.names())
def test_defaults_are_the_question_at_full_size(name, framework):
    task = tasks.load(name, "full")
    found = signature(task, framework)
    assert not (found.posonlyargs or found.kwonlyargs or found.vararg or found.kwarg)
    names = [a.arg for a in found.args]
    assert names[0] == "self" and len(found.defaults) == len(names) - 1, "each has a default"
    defaults = dict(zip(names[1:], map(ast.literal_eval, found.defaults)))

    toml = tomllib.loads((task.folder / "task.toml").read_text(encoding="utf-8"))
    written = {**toml["hyperparameters"], **toml["full"]["hyperparameters"]}
    assert defaults == written
    assert {k: type(v) for k, v in defaults.items()} == {k: type(v) for k, v in written.items()}
    # ... and what the harness makes of that, which is what a training at full size passes
    assert {k: tasks.float32(v) for k, v in defaults.items()} == task.hyperparameters


@pytest.mark.parametrize("name", tasks.names())
def test_the_order_is_that_of_the_question(name):
    """Whoever passes arguments by their places passes the same in every framework, and as the question writes it."""
    task = tasks.load(name)
    for language, framework in itertools.product(("README.md", "README.ja.md"), frameworks.FRAMEWORKS):
        text = " ".join((task.folder / language).read_text(encoding="utf-8").split())
        order = ", ".join(a.arg for a in signature(task, framework).args[1:])
        assert f"`{task.class_name}({order})`" in text, (language, framework)


def test_without_arguments_it_is_the_network_of_the_question():
    task, adapter = tasks.load("vae", "full"), frameworks.load("pytorch")
    adapter.configure("float32", 0)
    answer = contract.load_class(task, "pytorch")
    found = contract.variables_of(answer(), task, adapter)
    assert {name: tuple(variable.shape) for name, variable in found.items()} == {
        p.name: p.shape for network in task.networks.values() for p in network.parameters()}
    with pytest.raises(ParameterMismatch):
        contract.variables_of(answer(latent=3), task, adapter)
