"""Every point under "What is easy to get wrong" is recognised: bullets.toml says by what; here it is asked.

Named mistakes are asked about in test_recognised.py, so that what is asked here are the reports and the edits.
"""

import re
import tomllib
from pathlib import Path

import pytest

from harness import tasks
from harness.feedback import check as checks
from harness.runner.bench import PASSED
from harness.runner.client import Here
from harness.tasks import mistakes, question
from harness.work import stub
from tools import reports

TABLE = tomllib.loads(Path(__file__).with_name("bullets.toml").read_text(encoding="utf-8"))
LEAD = re.compile(r"(?m)^- (?:\*((?:\\.|[^*\\])+)\*|([^*]+?\.)$)")


def leads(name):
    """The first words of each point, those in italics; the whole where none are."""
    section = question.section(tasks.load(name), "What is easy to get wrong")
    found = [(italic or plain).replace("\\", "").rstrip(".:,") for italic, plain in LEAD.findall(section)]
    assert len(found) == len(re.findall(r"(?m)^- ", section)), name
    return found


def inherited(name):
    """(earlier question, its point) of all that hold here, too."""
    earlier = [other for entry in TABLE[name].values() for other in entry.get("of", ())]
    return [(other, lead) for other in earlier for lead in leads(other) if "of" not in TABLE[other][lead]]


def cases():
    """(question, point, edit or report) of all that is asked here."""
    for name, points in TABLE.items():
        for lead, entry in points.items():
            for i, edit in enumerate(entry.get("edits", ())):
                yield pytest.param(name, edit, id=f"{name}-{lead}-{i}")
            for number in entry.get("reports", ()):
                yield pytest.param(name, number, id=f"{name}-{lead}-report {number}")


@pytest.mark.parametrize("name", tasks.names())
def test_every_point_has_something_that_shows_it(name):
    """... and nothing else is in the table: a point that is reworded is looked at again."""
    points, own, known = TABLE[name], leads(name), {mistake.name for mistake in mistakes.load(tasks.load(name))}
    assert set(own) <= points.keys() <= {*own, *(lead for _, lead in inherited(name))}
    for lead, entry in points.items():
        assert entry.keys() & {"mistakes", "reports", "edits", "of"}, lead
        assert set(entry.get("mistakes", ())) <= known, lead
    for other, lead in inherited(name):
        there = TABLE[other][lead]
        assert lead in points or (there.get("mistakes") and set(there["mistakes"]) <= known), f"{lead}, of {other}"


@pytest.mark.parametrize("name, case", cases())
@pytest.mark.slow
@pytest.mark.sampled
def test_what_is_not_named_is_explained(name, case, tmp_path):
    task = tasks.load(name)
    if isinstance(case, int):
        report = next(report for report in reports.reports() if report.number == case)
        _, _, framework, _, source = next(answer for answer in report.answers() if answer[1] == name)
        edit = {"says": "|".join(report.says)}
    else:
        framework, edit = case["framework"], case
        source = mistakes.edited(stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8")), edit["changes"])
    path = tmp_path / f"{name}_{framework}.py"
    path.write_text(source, encoding="utf-8")
    verdict = checks.check(Here(framework), task, path)
    said = [f"{line.text} {line.more}" for line in reports.said(verdict)]
    assert (verdict.state == PASSED) is edit.get("passes", False), said
    assert edit.get("passes") or any(re.search(edit["says"], text) for text in said), said
