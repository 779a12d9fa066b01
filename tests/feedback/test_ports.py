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
    """(all that is shown; of this, what is said of the cause)"""
    said = reports.said(verdict)
    if any(line.kind in ("mistake", "finding") for line in said):
        said = [line for line in said if line.kind != "fact"]          # as on the screen
    return [line.text for line in said], [line.text for line in said if line.kind != "rung"]


@pytest.mark.parametrize("path", PORTS, ids=lambda path: path.stem)
@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.timeout(900)
def test_each_difference_is_told(path, tmp_path):
    port = tomllib.loads(path.read_text(encoding="utf-8"))
    task, framework, left = tasks.load(port["task"]), port["framework"], port["difference"]
    source, process = path.with_suffix(".py").read_text(encoding="utf-8"), Here(framework)
    file = tmp_path / f"{task.name}_{framework}.py"
    while left:
        file.write_text(source, encoding="utf-8")
        verdict = checks.check(process, task, file)
        shown, causes = told(verdict)
        first, *later = left
        assert verdict.state != PASSED, first["what"]
        assert any(re.search(pattern, text) for pattern in first["says"] for text in shown), (first["what"], shown)
        patterns = [pattern for difference in left for pattern in difference["says"]]
        assert [text for text in causes if not any(re.search(pattern, text) for pattern in patterns)] == [], first["what"]
        source, left = mistakes.edited(source, first["edits"]), later
    file.write_text(source, encoding="utf-8")
    verdict = checks.check(process, task, file)
    assert verdict.state == PASSED, told(verdict)
