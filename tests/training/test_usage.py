"""``train`` as it is called: bad usage is one line, nothing is overwritten, what is done is no error."""


import pytest

from harness import frameworks
from harness.training import checkpoint as checkpoints

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("options, message", [
    (["ae", "--steps", "3", "--epochs", "1"], "give only one"),
    (["ae", "--resume", "--force"], "give only one"),
    (["ae", "--size", "huge"], "not 'huge'"),
    (["ae", "--device", "tpu"], "not 'tpu'"),
    (["aee"], "did you mean 'ae'?"),
    (["ae", "--data", "nothing"], "nothing"),
    (["ae", "--file", "none.py"], "there is no file none.py"),
    (["ae", "--device", "cuda"], "finds no GPU"),
    (["ae", "--batch", "999999999999"], "--batch 999,999,999,999: must be more than 0 and at most 65,536"),
    (["ae", "--epochs", "inf"], "at most 1,000,000"),
    (["ae", "--epochs", "nan"], "at most 1,000,000"),
    (["ae", "--epochs", "1000000", "--batch", "1"], "at most 1,000,000,000"),
    (["ae", "--sheets", "1000000000000"], "at most 1,000"),
    (["ae", "--steps", "9" * 30], "at most 1,000,000,000"),
    (["ae", "--steps", "0"], "--steps 0: must be more than 0"),
    (["ae", "--sheets", "-1"], "--sheets -1: must be at least 0"),
    (["ae", "--resume", "--size", "zz"], "not 'zz'"),
    (["ae", "-f", "all", "--file", "none.py"], "--file is an answer in one framework"),
])
def test_bad_usage(inside, tmp_path, options, message):
    if "cuda" in options and frameworks.load("pytorch").has_gpu():
        pytest.skip("there is a GPU")
    process = inside("train", "-f", "pytorch", "--out", tmp_path / "run", *options)
    assert process.returncode == 2 and message in process.stderr and len(process.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_nothing_is_overwritten(inside, tmp_path):
    options = ["train", "ae", "-f", "pytorch", "--size", "check", "--out", tmp_path / "run"]
    assert inside(*options, "--steps", 5).returncode == 0
    for more, message in (([], "there is already a run in"),
                          (["--resume", "--steps", 9, "--seed", 3], "it cannot continue with 3"),
                          (["--resume", "--steps", 9, "--size", "full"], "it cannot continue with full"),
                          (["--resume", "--steps", 9, "--file", __file__], "continue it without --file"),
                          (["--resume", "--steps", 9, "-f", "chainer"], "in another framework")):
        process = inside(*options, *more)
        assert process.returncode == 2 and message in process.stderr, process.stderr
    assert inside(*options, "--epochs", 1, "--force").returncode == 0
    assert checkpoints.load(tmp_path / "run").step == 18            # 128 images, 7 a batch
    (kept,) = tmp_path.glob("run.*")
    assert checkpoints.load(kept).step == 5


def test_a_run_that_is_done_is_no_error(inside, tmp_path):
    """A job that always says --resume may come once more; nothing is touched."""
    options = ["train", "ae", "-f", "chainer", "--size", "check", "--sheets", 1, "--out", tmp_path / "run"]
    assert inside(*options, "--steps", 5).returncode == 0
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "run").iterdir()}
    for steps in (5, 3):
        done = inside(*options, "--steps", steps, "--resume")
        (line,) = done.stdout.splitlines()
        assert done.returncode == 0 and not done.stderr
        assert line.startswith("nothing to do: the run in ") and f"has done 5 steps already, and {steps} are asked for" in line
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "run").iterdir()} == before
    assert inside(*options, "--steps", 6, "--resume").returncode == 0 and checkpoints.load(tmp_path / "run").step == 6


def test_all_goes_on_after_a_framework_that_is_done(inside, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("harness.commands.make.train.installed", lambda: ("chainer", "pytorch"))
    options = ["--size", "check", "--sheets", 1, "--steps", 3]
    assert inside("train", "ae", "-f", "chainer", *options, "--out", tmp_path / "ae_chainer").returncode == 0
    assert inside("train", "AE", "-f", "all", *options, "--resume", "--out", tmp_path).returncode == 0
    assert capfd.readouterr().out.count("nothing to do: the run in ") == 1
    assert checkpoints.load(tmp_path / "ae_pytorch").step == 3
