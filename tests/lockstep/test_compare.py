"""The main job for real, through the command line: agreement, planted errors, broken answers, reports."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from conftest import ROOT, SCHEMA, SHARED_DATA

from harness import frameworks, tasks
from harness.training import task_data

# A learning rate off by 1 %, a bias left out, a wrong activation: in each framework's own words.
PLANTED = {
    "pytorch": {
        "rate": ("lr=learning_rate", "lr=1.01 * learning_rate"),
        "bias": ("self.apply(initialize)", "self.apply(initialize); self.encoder[1].bias = None"),
        "activation": ("nn.Linear(pixels, latent))", "nn.Linear(pixels, latent), nn.LeakyReLU(0.9))"),
    },
    "tensorflow": {
        "rate": ("Adam(learning_rate", "Adam(1.01 * learning_rate"),
        "bias": ("x @ self.weight + self.bias", "x @ self.weight + tf.stop_gradient(self.bias)"),
        "activation": ("return self.encoder(tf.reshape(images, (len(images), -1)))",
                       "return tf.tanh(self.encoder(tf.reshape(images, (len(images), -1))))"),
    },
    "keras": {
        "rate": ("Adam(learning_rate", "Adam(1.01 * learning_rate"),
        "bias": ("layers.Dense(latent)", "layers.Dense(latent, use_bias=False)"),
        "activation": ("layers.Dense(latent)", "layers.Dense(latent, activation='tanh')"),
    },
    "chainer": {
        "rate": ("alpha=learning_rate", "alpha=1.01 * learning_rate"),
        "bias": ("L.Linear(pixels, latent, initialW=glorot)", "L.Linear(pixels, latent, nobias=True, initialW=glorot)"),
        "activation": ("return self.encoder(images)", "return F.tanh(self.encoder(images))"),
    },
}


def test_four_frameworks_agree(harness, report, tmp_path):
    process = harness("compare", "ae", "--steps", 60, "--json", "-", "--pictures")
    assert process.returncode == 0, process.stderr
    found = report(process)                             # nothing but JSON on standard output
    jsonschema.validate(found, SCHEMA)
    task, = found["tasks"]
    assert task["agree"] and found["agree"] and len(task["pairs"]) == 6
    assert max(task[f"max_{what}_difference"] for what in ("relative", "parameter", "output")) < 1e-12
    assert {f["name"] for f in task["frameworks"]} == set(frameworks.FRAMEWORKS)
    for f in task["frameworks"]:
        curve = f["curves"]["mse"]
        assert len(curve) == 60 and np.mean(curve[-10:]) < 0.7 * np.mean(curve[:10]), "it must learn something"
        assert f["version"] and f["seconds"] > 0 and set(f["timing"]) == {"import", "build", "first_step", "training"}
    out = tmp_path / "out"
    assert json.loads((out / "report.json").read_text()) == found
    page = (out / "report.html").read_text()
    assert page.count("data:image/png;base64") == 2 and "http" not in page.replace("http-equiv", ""), "self-contained"
    for picture in ("curves.png", "samples.png"):
        assert (out / picture).read_bytes().startswith(b"\x89PNG")
    assert "agree: 6 pairs of 4 frameworks" in process.stderr


@pytest.mark.slow
def test_first_loss_is_the_formula(harness, report):
    """The first loss of all four, against NumPy on the same weights and batch: agreement alone could be a common error."""
    from harness import tasks
    from harness.tasks import parameters
    from harness.training.batches import Batches

    task = tasks.load("ae")
    data = task_data.load(task)
    batches = Batches(task, data.images, data.labels, None, seed=7, precision="float64", layout="NCHW")
    p = parameters.initial(task.networks, task.initializers, seed=7)
    x = batches(0)["images"].reshape(task.batch_size, -1)
    codes = x @ p["encoder.dense1.weight"].T + p["encoder.dense1.bias"]
    loss = np.mean((codes @ p["decoder.dense1.weight"].T + p["decoder.dense1.bias"] - x) ** 2)
    found = report(harness("compare", "ae", "--steps", 1, "--seed", 7, "--json", "-"))
    for f in found["tasks"][0]["frameworks"]:
        assert f["curves"]["mse"] == [pytest.approx(loss, rel=1e-13)]


@pytest.mark.slow
@pytest.mark.sampled
def test_planted_errors_are_found(framework, harness, report, workbook):
    """Each error in one framework's answer, beside another framework's right one: disagree, exit code 1."""
    other = "chainer" if framework != "chainer" else "pytorch"
    for error, (old, new) in PLANTED[framework].items():
        workbook.copy_task("ae", f"ae_{error}")
        workbook.edit(f"answers/ae_{error}/ae_{error}_{framework}.py", old, new)
    both = f"{framework},{other}"
    process = harness("compare", *(f"ae_{e}" for e in PLANTED[framework]), "--frameworks", both, "--steps", 3,
                      "--root", workbook.root, "--json", "-")
    assert process.returncode == 1, process.stderr
    found = report(process)
    jsonschema.validate(found, SCHEMA)
    assert [t["agree"] for t in found["tasks"]] == [False] * 3 and not found["agree"]
    right = harness("compare", "ae", "--frameworks", both, "--steps", 3, "--root", workbook.root)
    assert right.returncode == 0, "without the error they agree"


STEP = "        images = batch"                     # where an answer's step begins
BROKEN = {          # what a broken answer does -> what is said of it
    "raise ValueError('no\\nway')": "ValueError: no",
    "import os; os._exit(3)": "the process ended with code 3",
    "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)": "the process was killed by SIGSEGV",
    "raise SystemExit(0)": "SystemExit: 0",
    "while True: pass": "no response for 4 s before its first step",
}


@pytest.mark.slow
def test_one_that_breaks_takes_nothing_along(harness, report, workbook):
    """Chainer's answer breaks in every way: it is reported with its last lines, PyTorch's goes on, so do later tasks."""
    for i, statement in enumerate(BROKEN):
        workbook.copy_task("ae", f"broken{i}")
        workbook.edit(f"answers/broken{i}/broken{i}_chainer.py", STEP, f"        {statement}\n{STEP}")
    process = harness("compare", *(f"broken{i}" for i in range(len(BROKEN))), "ae", "--frameworks", "pytorch,chainer",
                      "--steps", 3, "--timeout", 4, "--root", workbook.root, "--json", "-")
    assert process.returncode == 2, process.stderr
    *broken, sound = report(process)["tasks"]
    for task, (statement, words) in zip(broken, BROKEN.items(), strict=True):
        pytorch, chainer = task["frameworks"]
        assert not task["agree"] and pytorch["status"] == "ok" and len(pytorch["curves"]["mse"]) == 3
        assert chainer["status"] == "failed" and words in chainer["message"]
        assert f"{task['task']}_chainer.py" in chainer["traceback"] or "_exit" in statement, "it says where"
    assert sound["agree"], "the next task is compared all the same"


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc to see the workers")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.slow
def test_interrupt_leaves_nothing_behind(number, tmp_path, workbook):
    """Ctrl-C, or a signal to end, in the second task: the first is reported, every worker is gone, exit code 130."""
    workbook.copy_task("ae", "endless")
    for name in ("pytorch", "chainer"):
        workbook.edit(f"answers/endless/endless_{name}.py", STEP, f"        while True: pass\n{STEP}")
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "compare", "ae", "endless", "--frameworks", "pytorch,chainer", "--steps", "3",
         "--root", str(workbook.root), "--out", str(tmp_path / "out")], cwd=ROOT, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    for line in process.stdout:
        if line.startswith("agree"):
            break                                       # the first task is done, the second begins
    workers = [pid for file in Path(f"/proc/{process.pid}/task").glob("*/children") for pid in file.read_text().split()]
    assert len(workers) == 2
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "interrupted: 1 of 2 tasks were compared" in err and "Traceback" not in err
    assert json.loads((tmp_path / "out" / "report.json").read_text())["agree"]
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_prints_of_an_answer_do_no_harm(harness, report, workbook):
    workbook.edit("answers/ae/ae_chainer.py", "        images = batch", "        print('x' * 10**6)\n        images = batch")
    process = harness("compare", "ae", "--frameworks", "pytorch,chainer", "--steps", 20, "--root", workbook.root,
                      "--json", "-")
    assert process.returncode == 0 and report(process)["agree"] and "xxx" not in process.stdout + process.stderr


OUT_OF_CONTRACT = [         # edits of the answer, words of the message
    ([("class Autoencoder(", "class AutoEncoder(")], "defines no class Autoencoder"),
    ([("self.encoder = L", "self.coder = L"), ("self.encoder(", "self.coder(")], "has no network 'encoder'"),
    ([("self.optimizer = ", "self.adam = "), ("self.optimizer.", "self.adam.")], "has no optimizer 'optimizer'"),
    ([("def decode(", "def decoded("), ("self.decode(", "self.decoded(")], "has no ability 'decode'"),
    ([('{"mse": loss}', '{"loss": loss}')], "train_step returned ['loss']; the question asks for a dict with mse"),
    ([('{"mse": loss}', "loss")], "train_step returned a Variable"),
    ([('{"mse": loss}', '{"mse": self.reconstruct(images)}')], "but must be one number"),
    ([('{"mse": loss}', '{"mse": loss.array.astype("float32")}')], "loss 'mse' is float32 in a float64 run"),
    ([("return self.decode(self.encode(images))", "return self.decode(self.encode(images))[:, :2]"),
      ("self.reconstruct(images), images", "self.reconstruct(images), images[:, :2]")],
     "reconstruct returned the shape (8, 2, 16, 24); the question asks for (8, 3, 16, 24)"),
    ([("L.Linear(latent, pixels", "L.Linear(latent, pixels + 1")],
     "parameter 1 is (1153, 8), but the question has decoder.dense1.weight (1152, 8)"),
]


def test_an_answer_that_breaks_the_contract_hears_how(harness, report, workbook):
    for i, (edits, _) in enumerate(OUT_OF_CONTRACT):
        workbook.copy_task("ae", f"task{i}")
        for edit in edits:
            workbook.edit(f"answers/task{i}/task{i}_chainer.py", *edit)
    process = harness("compare", *(f"task{i}" for i in range(len(OUT_OF_CONTRACT))), "--frameworks", "pytorch,chainer",
                      "--steps", 2, "--root", workbook.root, "--json", "-")
    assert process.returncode == 1, process.stderr
    for task, (_, words) in zip(report(process)["tasks"], OUT_OF_CONTRACT, strict=True):
        assert task["frameworks"][0]["status"] == "ok" and task["frameworks"][1]["status"] == "differs"
        assert words in task["frameworks"][1]["message"] and words in process.stderr


def test_a_loss_that_is_not_finite_disagrees(harness, report, workbook):
    for name in ("pytorch", "chainer"):
        workbook.edit(f"answers/ae/ae_{name}.py", '{"mse": loss', '{"mse": float("nan") * loss')
    process = harness("compare", "ae", "--frameworks", "pytorch,chainer", "--steps", 2, "--root", workbook.root,
                      "--json", "-")
    task, = report(process)["tasks"]
    jsonschema.validate(report(process), SCHEMA)
    assert process.returncode == 1 and task["max_relative_difference"] is None
    assert task["frameworks"][0]["curves"]["mse"] == [None, None]


@pytest.mark.rare
@pytest.mark.slow
def test_float32_and_native(harness, report):
    single = report(harness("compare", "ae", "--precision", "float32", "--steps", 60, "--json", "-"))["tasks"][0]
    assert single["agree"] and single["tolerance"] == 1e-3 and 1e-9 < single["max_relative_difference"] < 1e-4
    process = harness("compare", "ae", "--native", "--steps", 60, "--json", "-")
    native = report(process)["tasks"][0]
    assert process.returncode == 1 and native["native"] and not native["agree"]
    assert 1e-3 < native["max_relative_difference"] < 0.5, "the same question, other initial weights: near, not the same"


@pytest.mark.slow
def test_native_seeds_are_tested_for_equivalence(harness, report, workbook):
    """The question's initial weights in all: equivalent. PyTorch's default ones instead: it shows."""
    arguments = ["compare", "ae", "--native", "--seeds", 3, "--frameworks", "pytorch,chainer", "--steps", 30, "--json", "-"]
    same = harness(*arguments)
    found = report(same)
    jsonschema.validate(found, SCHEMA)
    assert same.returncode == 0 and {e["verdict"] for e in found["tasks"][0]["equivalence"]["results"]} == {"equivalent"}
    workbook.edit("answers/ae/ae_pytorch.py", "nn.init.xavier_uniform_(module.weight)", "nn.init.normal_(module.weight)")
    other = harness(*arguments, "--root", workbook.root)
    assert other.returncode == 1 and "different" in other.stderr


@pytest.mark.parametrize("data", ["imori", "cifar10"])
@pytest.mark.slow
@pytest.mark.sampled(2)
def test_real_data(data, harness, report):
    if not (SHARED_DATA / data).is_dir():
        pytest.skip(f"no {data} beside the checkout")
    process = harness("compare", "ae", "--data", data, "--data-dir", SHARED_DATA, "--steps", 40, "--json", "-")
    task, = report(process)["tasks"]
    assert process.returncode == 0 and task["data"]["name"] == data
    assert max(task["max_relative_difference"], task["max_parameter_difference"]) < 1e-12


def test_a_sixteenth_task_needs_no_line_in_the_harness(harness, workbook):
    workbook.copy_task("ae", "zz_mine")
    workbook.edit("questions/zz_mine/task.toml", 'title = "Autoencoder"', 'title = "Mine"')
    listed = json.loads(harness("list", "--json", "--root", workbook.root).stdout)
    mine, = (task for task in listed["tasks"] if task["task"] == "zz_mine")
    assert mine == {"task": "zz_mine", "title": "Mine", "answers": dict.fromkeys(frameworks.FRAMEWORKS, True)}
    assert harness("compare", "zz_mine", "--root", workbook.root, "--frameworks", "pytorch,chainer", "--steps", 3).returncode == 0


def test_edges_stand_in_for_masks():
    """pix2pix on a data set that has none; the autoencoder, which needs none, gets none."""
    assert task_data.load(tasks.load("ae"), "digits").masks is None
    data = task_data.load(tasks.load("pix2pix"), "digits")
    assert set(np.unique(data.masks)) == {0, 1} and data.masks.shape == data.images.shape[:3]
    assert 0.02 < data.masks.mean() < 0.5
