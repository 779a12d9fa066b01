"""The reports of tests/diagnosis/reports are as tools/reports.py takes them."""

import ast
import re

import pytest

from tools.reports import FOLDER, Report, reports


def test_all_are_there():
    assert [report.number for report in reports()] == list(range(1, 47))
    assert all(int(path.stem) == Report.of(path).number for path in FOLDER.glob("*.toml"))


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.number)
def test_every_report_can_be_written(report):
    answers = list(report.answers())
    for _, _, _, _, source in answers:
        ast.parse(source)
    assert len({source for *_, source in answers}) == len(answers)
    assert len({framework for _, _, framework, _, _ in answers}) >= 2
    assert {style for _, _, _, style, _ in answers} == {"edit", "person"}
    assert bool(report.says) is not report.right
    assert all(re.compile(pattern) for pattern in (*report.says, *report.wrong))
