"""Mistakes that people reported on public trackers: does a check say what was done?

    .venv/bin/python tools/reports.py [NUMBER ...] [--framework keras] [--markdown FILE] [--all]

tests/diagnosis/reports has a file for each. Each mistake is made in our answers, in two frameworks or more, once with few changes
and once as a person would write it, and checked. What the check says is compared with what it should say, and with what would be
false:

    passed rightly     it is no mistake
    passed wrongly     it is one
    named              a known mistake, and it is that one
    solved             what was found says what was done
    something else     what was found does not say what was done
    nothing            nothing but that numbers are wrong
    wrong              it says something false, or names another mistake
    failed             it is no mistake, and did not pass

Exit code 1 if any is wrong or failed.
"""

import argparse
import os
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness.processes.machine import THREAD_VARIABLES

os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))

from harness import tasks
from harness.feedback import check as checks
from harness.feedback.verdict import Verdict
from harness.frameworks import FRAMEWORKS
from harness.processes.worker import Worker
from harness.runner.bench import PASSED
from harness.tasks import mistakes
from harness.work import stub

FOLDER = ROOT / "tests" / "diagnosis" / "reports"
OUT = ROOT / "out" / "reports"
CLASSES = ("passed rightly", "named", "solved", "something else", "nothing", "passed wrongly", "wrong", "failed")
LONG = 150      # letters of what is said, in a line
WHOLE = 400     # the same, in a table


@dataclass(frozen=True)
class Report:
    """One file. ``says``: what a check should say, one of these; ``wrong``: what it should not; ``written``: how it was done."""

    number: int
    task: str
    what: str
    says: list[str]
    written: list[dict[str, Any]]
    wrong: tuple[str, ...] = ()
    right: bool = False

    @classmethod
    def of(cls, path: Path) -> "Report":
        """What a file holds."""
        return cls(**tomllib.loads(path.read_text(encoding="utf-8")))

    def answers(self) -> Iterator[tuple[int, str, str, str, str]]:
        """(which it is, task, framework, style, source) of each that is written."""
        for i, entry in enumerate(self.written):
            task = entry.get("task", self.task)
            source = stub.solution(tasks.answer_path(tasks.load(task), entry["framework"]).read_text(encoding="utf-8"))
            yield i, task, entry["framework"], entry["style"], mistakes.edited(source, entry["edits"])


@dataclass(frozen=True)
class Said:
    """One statement of a check: ``kind`` is mistake, finding, fact, fault (of ours), or rung, for what every wrong answer is told."""

    kind: str
    text: str
    more: str = ""      # the formulas beside it

    def has(self, patterns: list[str] | tuple[str, ...], more: bool = True) -> bool:
        """Whether one of the regular expressions occurs."""
        text = f"{self.text} {self.more}" if more else self.text
        return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def reports() -> list[Report]:
    """All, by number."""
    return [Report.of(path) for path in sorted(FOLDER.glob("*.toml"))]


def said(verdict: Verdict) -> list[Said]:
    """All that a check says."""
    found = verdict.diagnosis
    lines = [Said("mistake", f"{mistake.title}. {mistake.explanation}") for mistake in verdict.mistakes]
    for finding in found.findings:
        more = {"line": finding.line, "yours:": finding.yours, "the question:": finding.question}
        beside = "; ".join(f"{name} {value}" for name, value in more.items() if value)
        lines.append(Said("finding", f"{finding.place}: {finding.words}", beside))
    lines += [Said("fact", fact) for fact in found.facts]
    lines += [Said("fault", found.fault)] if found.fault else []
    rung = verdict.failed
    lines += [Said("rung", text) for text in ([rung.message, *rung.facts] if rung else [verdict.message]) if text]
    return lines


def classified(report: Report, verdict: Verdict) -> tuple[str, list[Said]]:
    """What came of a check, and the statements that decide it."""
    lines = said(verdict)
    if verdict.state == PASSED:
        return "passed rightly" if report.right else "passed wrongly", []
    if report.right:
        return "failed", lines
    named = [line for line in lines if line.kind == "mistake"]
    right = [line for line in lines if line.has(report.says)]
    false = [line for line in lines if line.kind != "rung" and line.has(report.wrong, more=False)]
    if named and not any(line in right for line in named):
        false += named
    false += [line for line in lines if line.kind == "fault"]
    if false:
        return "wrong", false
    if any(line in right for line in named):
        return "named", [line for line in named if line in right]
    if right:
        return "solved", right
    other = [line for line in lines if line.kind in ("finding", "fact")]
    return ("something else", other) if other else ("nothing", lines)


def short(text: str, length: int = LONG) -> str:
    """The beginning of a statement, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[:length - 3].rstrip() + "..."


def tables(rows: list[tuple[Report, str, str, str, list[Said]]]) -> str:
    """How many came to what, by framework."""
    counts = Counter((framework, state) for _, _, framework, state, _ in rows)
    named = [framework for framework in FRAMEWORKS if any(counts[framework, state] for state in CLASSES)]
    lines = [f"{'':16}" + "".join(f"{framework:>12}" for framework in (*named, "all"))]
    for state in CLASSES:
        numbers = [counts[framework, state] for framework in named]
        lines.append(f"{state:16}" + "".join(f"{number:12}" for number in (*numbers, sum(numbers))))
    return "\n".join(lines)


def markdown(rows: list[tuple[Report, str, str, str, list[Said]]]) -> str:
    """A table of all reports: what was done, and what a check says."""
    lines = ["| | Task | What was done | What the check says |", "|---|---|---|---|"]
    for report in {row[0].number: row[0] for row in rows}.values():
        of = [row for row in rows if row[0].number == report.number]
        where: dict[str, list[str]] = {}
        for _, task, framework, _, _ in of:
            where.setdefault(task, []).append(FRAMEWORKS[framework])
        there = "; ".join(f"{task}: {', '.join(dict.fromkeys(frameworks))}" for task, frameworks in where.items())
        by_words: dict[str, list[str]] = {}
        for _, _, framework, state, lines_said in of:
            words = "It passes." if state.startswith("passed") else short(lines_said[0].text, WHOLE) if lines_said else "Nothing."
            if state in ("something else", "nothing", "wrong", "failed"):
                words = f"({state}) {words}"
            by_words.setdefault(words, []).append(FRAMEWORKS[framework])
        each = [words if len(by_words) == 1 else f"{', '.join(dict.fromkeys(named))}: {words}" for words, named in by_words.items()]
        lines.append(f"| {report.number} | {there} | {_cell(report.what)} | {_cell('<br>'.join(each))} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("numbers", nargs="*", type=int, help="of reports; all by default")
    parser.add_argument("--framework", action="append", help="these alone")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write a table to FILE")
    parser.add_argument("--all", action="store_true", help="print all that a check says, not what decides alone")
    arguments = parser.parse_args()
    workers: dict[str, Worker] = {}
    rows = []
    OUT.mkdir(parents=True, exist_ok=True)
    try:
        for report in reports():
            if arguments.numbers and report.number not in arguments.numbers:
                continue
            for i, task, framework, style, source in report.answers():
                if arguments.framework and framework not in arguments.framework:
                    continue
                path = OUT / f"{task}_{framework}_{report.number:02}_{i}.py"
                path.write_text(source, encoding="utf-8")
                if framework not in workers:
                    workers[framework] = checks.worker(framework, OUT)
                verdict = checks.check(workers[framework], tasks.load(task), path)
                state, lines = classified(report, verdict)
                rows.append((report, task, framework, state, lines))
                rung = verdict.failed.name if verdict.failed else verdict.state
                begins = f"{report.number:02} {task:8} {framework:10} {style:6} {state:14} {rung:12}"
                print(f"{begins} {short(lines[0].text) if lines else ''}", flush=True)
                for line in said(verdict) if arguments.all else []:
                    print(f"        {'*' if line in lines else ' '} {line.kind}: {short(line.text, WHOLE)}")
                    if line.more:
                        print(f"              {short(line.more, WHOLE)}")
    finally:
        for worker in workers.values():
            worker.close()
    print(f"\n{tables(rows)}")
    if arguments.markdown:
        arguments.markdown.write_text(markdown(rows), encoding="utf-8")
    sys.exit(1 if any(state in ("wrong", "failed") for *_, state, _ in rows) else 0)


if __name__ == "__main__":
    main()
