"""Public programs, ported to our questions as they are (ports/): each difference is told, one after the other, and then they pass.

ports/<name>.toml lists the differences in the order in which a learner is led through them: what is told of each (``says``), and the
changes that mend it. At each step the check must tell the difference that is mended next, and nothing that is not one.
"""

import re
import tomllib
from pathlib import Path

import pytest

from harness import tasks
from harness.feedback import check as checks
from harness.runner.bench import PASSED
from harness.runner.client import Here
from harness.tasks import mistakes
from tools import reports

PORTS = sorted((Path(__file__).parent / "ports").glob("*.toml"))


def told(verdict):
    """(the first difference in words, all that is said of others)"""
    said = reports.said(verdict)
    return [f"{line.text} {line.more}" for line in said], [line.text for line in said if line.kind != "rung"]


@pytest.mark.parametrize("path", PORTS, ids=lambda path: path.stem)
@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.timeout(900)
def test_each_difference_is_told(path, tmp_path):
    port = tomllib.loads(path.read_text(encoding="utf-8"))
    task, framework, left = tasks.load(port["task"]), port["framework"], port["difference"]
    source, process = path.with_suffix(".py").read_text(encoding="utf-8"), Here(framework)
    while True:
        file = tmp_path / f"{task.name}_{framework}.py"
        file.write_text(source, encoding="utf-8")
        verdict = checks.check(process, task, file)
        everything, solved = told(verdict)
        if not left:
            assert verdict.state == PASSED, everything
            return
        assert verdict.state != PASSED, left
        first, *_ = left
        assert any(re.search(pattern, text) for pattern in first["says"] for text in everything), (first["what"], everything)
        patterns = [pattern for difference in left for pattern in difference["says"]]
        assert [text for text in solved if not any(re.search(pattern, text) for pattern in patterns)] == []
        source = mistakes.edited(source, first["edits"])
        left = left[1:]
