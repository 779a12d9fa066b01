"""What several tests share. Thread pools are pinned before any framework is imported: four of them share two cores."""

import contextlib
import datetime
import json
import os
import shutil
import signal
import subprocess
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace

from harness.processes.machine import environment

os.environ.update({k: v for k, v in environment(threads=1).items() if k != "PYTHONPATH"})

import numpy as np
import pytest
from typer.testing import CliRunner

from harness import commands, frameworks
from harness.lockstep.compare import Comparer

# Where the tests were started in the background of a shell, Ctrl-C is ignored, also by what they start: some test just that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARE = 5           # of what is marked "sampled", one in so many runs on a day, or as the mark says: sampled(8)
# Said once for all the processes that run tests: they must choose the same, also at midnight.
os.environ.setdefault("WORKBOOK_DAY", str(datetime.datetime.now(datetime.UTC).toordinal()))
ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
SCHEMA = json.loads((ROOT / "harness" / "lockstep" / "report.schema.json").read_text(encoding="utf-8"))


def pytest_collection_modifyitems(config, items):
    """Of a test that is marked "sampled", a share of the sets of parameters; one that is marked "rare", on one of so many days."""
    if os.environ.get("WORKBOOK_LONG"):
        return
    day = int(os.environ["WORKBOOK_DAY"])
    of = {}
    for item in items:
        if mark := item.get_closest_marker("sampled"):
            of.setdefault((item.fspath, item.originalname, *mark.args), []).append(item)
    others = [item for item in items if len(items) > 1 and (mark := item.get_closest_marker("rare"))
              and (zlib.crc32(item.nodeid.encode()) + day) % (mark.args[0] if mark.args else SHARE)]
    for (_, _, *args), same in of.items():
        share = args[0] if args else SHARE
        # Shifted by one after each round: where one of three frameworks comes in turns, a day has all three.
        others += [item for i, item in enumerate(same) if len(same) > 1 and (i + i // share + day) % share]
    if others:
        config.hook.pytest_deselected(items=others)
        left = set(map(id, others))
        items[:] = [item for item in items if id(item) not in left]


def count_flops():
    """PyTorch's counter of floating point operations, a context manager."""
    from torch.utils.flop_counter import FlopCounterMode
    counter = FlopCounterMode(display=False)
    counter.mod_tracker = contextlib.nullcontext()      # it cannot follow a gradient of a gradient, and we need no modules
    counter.mod_tracker.parents = {"Global"}
    return counter


@pytest.fixture(params=list(frameworks.FRAMEWORKS))
def framework(request):
    return request.param


@pytest.fixture
def adapter(framework):
    """The adapter of each framework in turn, in float64."""
    module = frameworks.load(framework)
    module.configure("float64", 0)
    return module


@pytest.fixture
def harness(tmp_path):
    """Run ``python -m harness ...`` as a user would; returns the finished process.

    What a comparison writes goes to tmp_path/out, without the pictures, which take longer than the comparison.
    """
    def run(*arguments, timeout=240, env=None, encoding="utf-8"):
        arguments = [str(a) for a in arguments]
        if arguments[0] == "compare" and "--out" not in arguments:
            arguments += ["--out", str(tmp_path / "out"), *([] if "--pictures" in arguments else ["--no-pictures"])]
        return subprocess.run([sys.executable, "-m", "harness", *arguments], cwd=ROOT, capture_output=True, encoding=encoding,
                              timeout=timeout, env={**os.environ, "COLUMNS": "200", **(env or {})})
    return run


@pytest.fixture
def inside():
    """``python -m harness ...`` in this process, where a process of its own would cost seconds and show nothing more."""
    def run(*arguments):
        result = CliRunner().invoke(commands.app, [str(a) for a in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return SimpleNamespace(returncode=result.exit_code, stdout=result.stdout, stderr=result.stderr)
    return run


@pytest.fixture(scope="session")
def comparers():
    """Comparers whose workers stay from test to test: ``comparers(settings)``. New ones would cost seconds of imports each."""
    kept = {}

    def comparer(settings):
        if settings.frameworks not in kept:
            kept[settings.frameworks] = Comparer(settings)
        kept[settings.frameworks].settings = settings
        return kept[settings.frameworks]

    yield comparer
    for started in kept.values():
        started.__exit__()


@pytest.fixture
def workbook(tmp_path):
    """A copy of questions/ and answers/ that a test may spoil; ``workbook.edit(path, old, new)`` does that."""
    class Workbook:
        root = tmp_path / "workbook"

        @classmethod
        def edit(cls, path, old, new):
            text = (cls.root / path).read_text(encoding="utf-8")
            assert old in text, f"{path} no longer has {old!r}"
            (cls.root / path).write_text(text.replace(old, new, 1), encoding="utf-8")

        @classmethod
        def copy_task(cls, name, new):
            """A task of another name with the same question and answers."""
            shutil.copytree(cls.root / "questions" / name, cls.root / "questions" / new)
            shutil.copytree(cls.root / "answers" / name, cls.root / "answers" / new)
            for file in (cls.root / "answers" / new).glob(f"{name}_*.py"):
                file.rename(file.with_name(file.name.replace(name, new, 1)))

    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("questions", "answers"):
        shutil.copytree(ROOT / folder, Workbook.root / folder, ignore=ignore)
    return Workbook


@pytest.fixture
def report():
    """The JSON that ``compare --json -`` printed."""
    def parse(process):
        assert process.stdout, process.stderr
        return json.loads(process.stdout)
    return parse


@pytest.fixture
def rng():
    return np.random.default_rng(0)
