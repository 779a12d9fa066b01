"""An answer that fails in training: one line that says where, and no folder that blocks the next try."""

import re

import pytest
from conftest import ROOT

from harness.training import contract

ANSWERS = {name: (ROOT / "answers" / "ae" / f"ae_{name}.py").read_text(encoding="utf-8")
           for name in ("pytorch", "tensorflow", "keras", "chainer")}
PYTORCH = ANSWERS["pytorch"]


@pytest.fixture
def train(inside, tmp_path):
    """Train this source: what came of it, and the file."""
    def run(source, framework="pytorch", name="mine.py", *more):
        path = tmp_path / name
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return inside("train", "ae", "-f", framework, "--size", "check", "--steps", 2, "--sheets", 1, "--file", path,
                      "--out", tmp_path / "run", *more), path
    return run


def line_of(source, text):
    return next(n for n, line in enumerate(source.splitlines(), 1) if text in line)


@pytest.mark.parametrize("loss", ["loss.item()", "np.float64(loss.item())", "np.float32(loss.item())", "loss.detach().numpy()"])
def test_losses_that_check_takes_too(train, tmp_path, loss):
    source = PYTORCH.replace('{"mse": loss.detach()}', f'{{"mse": {loss}}}')
    assert source != PYTORCH
    done, _ = train("import numpy as np\n" + source)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "run" / "losses.csv").read_text().splitlines()) == 3


STEP = "loss = F.mse_loss"
SPOILED = {
    "sys.exit": ("import sys\nsys.exit()\n", r"mine.py:2: the file ends the program with sys.exit\(\)"),
    "sys.exit in a step": (PYTORCH.replace(STEP, f"raise SystemExit(0); {STEP}"), r"the file ends the program with sys.exit\(0\)"),
    "syntax": ("import torch\nclass Autoencoder(:\n", "mine.py:2: SyntaxError: invalid syntax"),
    "no text": (b"a = '\xff\xfe\0'\n", "mine.py.*(SyntaxError|ValueError): "),
    "import": ("import nothing_of_the_kind\n", "mine.py:1: ModuleNotFoundError: No module named"),
    "stub": ('class Autoencoder:\n    def __init__(self, **_):\n        raise NotImplementedError("it is yours to write")\n',
             "mine.py:3: not written yet: it is yours to write"),
    "raises": (PYTORCH.replace(STEP, f"1 / 0; {STEP}"), "mine.py:[0-9]+: ZeroDivisionError: division by zero"),
    "ability raises": (PYTORCH.replace("return self.encoder(images)", "raise ValueError('a\\n\\nb')"), "ValueError: a b"),
    "other network": (PYTORCH.replace("nn.Linear(latent", "nn.Linear(1 + latent"), "mine.py: network 'decoder' has"),
    "no class": ("x = 1\n", "mine.py: mine.py defines no class"),
    "loss of another type": (PYTORCH.replace('{"mse": loss.detach()}', '{"mse": loss.double()}'), "loss 'mse' is float64 in a float32 run"),
    "NumPy constant": (PYTORCH.replace(STEP, f"images = images @ torch.tensor(np.eye(images.shape[-1])); {STEP}")
                       .replace("import torch\n", "import torch\nimport numpy as np\n", 1), "mine.py:[0-9]+: RuntimeError: "),
    "no losses later": (PYTORCH.replace('return {"mse": loss.detach()}', "self.n = getattr(self, 'n', 0) + 1\n"
                                        '        return {"mse": loss.detach()} if self.n < 2 else {}'), "mine.py: train_step returned \\[\\]; the question asks for"),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_one_line_says_where(train, tmp_path, spoiled):
    source, message = SPOILED[spoiled]
    assert source != PYTORCH
    done, _ = train(source)
    *steps, line = done.stderr.splitlines()
    assert len(steps) == (spoiled == "no losses later")
    assert done.returncode == 2 and re.search(message, line) and line.startswith("error: "), line
    assert (tmp_path / "run").exists() == (spoiled == "no losses later")


@pytest.mark.parametrize("framework", ["tensorflow", "keras", "chainer"])
def test_one_line_says_where_compiled_too(train, tmp_path, framework):
    source = ANSWERS[framework].replace("loss = ", "loss = undefined + ", 1)
    done, path = train(source, framework)
    number = line_of(source, "undefined +")
    assert done.stderr.splitlines() == [f"error: {path}:{number}: NameError: name 'undefined' is not defined"]
    assert done.returncode == 2 and not (tmp_path / "run").exists()


VALUES = {
    ".numpy()": ('{"mse": loss}', '{"mse": loss.numpy()}'),
    "NumPy": ('{"mse": loss}', '{"mse": np.sqrt(loss)}'),
    "float() of the library": ('{"mse": loss}', '{"mse": next(map(float, [loss]))}'),
    "formatted": ('return {"mse": loss}', 'print(f"{loss:.3f}")\n        return {"mse": loss}'),
    "in a helper": ('{"mse": loss}', '{"mse": helper(loss)}'),
    "kept for later": ('return {"mse": loss}', 'self.old = getattr(self, "old", loss)\n        return {"mse": loss + 0 * self.old}'),
}


@pytest.mark.parametrize("framework", ["tensorflow", "keras"])
@pytest.mark.parametrize("asked", VALUES)
def test_a_value_that_is_not_there_while_it_is_compiled(train, tmp_path, framework, asked):
    """`check`, which compiles nothing, takes these."""
    old, new = VALUES[asked]
    source = ANSWERS[framework].replace(old, new).replace("import tensorflow as tf\n", (
        "import numpy as np\nimport tensorflow as tf\n\n\ndef helper(x):\n    return x.numpy()\n\n\n"), 1)
    assert new in source
    done, path = train(source, framework)
    *steps, line = done.stderr.splitlines()
    assert done.returncode == 2 and re.match(rf"error: {re.escape(str(path))}:[0-9]+: \w+Error: [^.]*.*{re.escape(contract.COMPILED)}$", line), line
    assert not steps and "not written yet" not in line.removeprefix(f"error: {path}")


@pytest.mark.parametrize("framework", ["tensorflow", "keras"])
def test_float_compiles(train, framework):
    """AutoGraph makes a cast of it."""
    done, _ = train(ANSWERS[framework].replace('{"mse": loss}', '{"mse": float(loss)}'), framework)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("framework", ["tensorflow", "keras"])
def test_what_is_not_written_is_said_so(train, framework):
    source = ANSWERS[framework].replace('return {"mse": loss}', 'raise NotImplementedError("it is yours to write")')
    done, path = train(source, framework)
    assert done.stderr.splitlines() == [f"error: {path}:{line_of(source, 'it is yours')}: not written yet: it is yours to write"]


def test_a_notebook(train, tmp_path):
    done, path = train("{}", "pytorch", "ae_pytorch.ipynb")
    assert done.returncode == 2 and f"jupytext --to py {path}" in done.stderr and not (tmp_path / "run").exists()


def test_after_a_failure_the_next_try_begins(train):
    assert train("x = 1\n")[0].returncode == 2
    assert train(PYTORCH)[0].returncode == 0


def test_a_run_goes_on_with_its_file(train, inside, tmp_path):
    assert train(PYTORCH)[0].returncode == 0
    done = inside("train", "ae", "-f", "pytorch", "--steps", 5, "--out", tmp_path / "run", "--resume")
    assert done.returncode == 2 and "with --file mine.py" in done.stderr
    sgd = PYTORCH.replace("torch.optim.Adam(", "torch.optim.SGD(").replace("eps=1e-8", "momentum=0.9")
    assert sgd != PYTORCH
    done, _ = train(sgd, "pytorch", "mine.py", "--steps", 5, "--resume")
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2 and "it cannot continue the run in" in line
