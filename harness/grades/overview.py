"""What a class has in common: which mistakes, where, how many; which submissions are equal; what the grading took."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.grades.grade import NOT_HANDED_IN, Equal, Grade, finite
from harness.grading.equal import OURS
from harness.grading.judge import BROKE, Result
from harness.runner.bench import PASSED, WRONG

SLOWEST = 5


@dataclass(frozen=True)
class Finding:
    """So many ``students`` got stuck at ``rung`` of ``task`` (empty: before the first) with ``what``; of each framework."""

    task: str
    rung: str
    what: str
    students: int
    frameworks: dict[str, int]


def findings(results: Iterable[Result]) -> list[Finding]:
    """The most frequent of a task first. A student counts once, however many attempts had it. What broke the grader says nothing."""
    seen: dict[tuple[str, str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for result in results:
        if result["state"] not in (PASSED, BROKE):
            for what in _what(result):
                seen[result["task"], failed_rung(result), what][result["framework"]].add(result["student"])
    made = [Finding(task, rung, what, len(set().union(*by.values())), {name: len(students) for name, students in by.items()})
            for (task, rung, what), by in seen.items()]
    return sorted(made, key=lambda finding: (finding.task, -finding.students, finding.rung, finding.what))


def failed_rung(result: Result) -> str:
    """The first that is not passed; empty where the process ended, or nothing was run."""
    return next((rung["name"] for rung in result["rungs"] if rung["status"] != PASSED), "")


def _what(result: Result) -> Iterator[str]:
    titles = [mistake["title"] for mistake in result["mistakes"]]
    if titles:
        yield " or: ".join(titles)
    elif result["findings"]:
        yield from (f"{finding['place']}: {finding['words']}" for finding in result["findings"])
    else:
        yield "none of the known mistakes" if result["state"] == WRONG else result["state"]


def states(made: Iterable[Grade]) -> dict[str, Counter[str]]:
    """How many grades of each task have which state, passed first."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for grade in made:
        found[grade.task][grade.state] += 1
    order = {PASSED: 0, BROKE: 2, NOT_HANDED_IN: 3}
    return {task: Counter(dict(sorted(counts.items(), key=lambda item: (order.get(item[0], 1), item[0]))))
            for task, counts in found.items()}


def groups(results: Iterable[Result], equal: Equal) -> list[tuple[str, list[str]]]:
    """(task, the students whose submissions are the same text, OURS last), for each such text."""
    results = list(results)
    students = {result["student"] for result in results}
    leader: dict[tuple[str, str], tuple[str, str]] = {}     # of a (task, student): another one, whose submission is the same text
    ours = set()                                            # who have our answer need not have each other's
    for result in results:
        one = result["task"], result["student"]
        for other in equal.get(result["name"], ()):
            if other == OURS:
                ours.add(one)
                leader.setdefault(one, one)
            elif other in students:
                leader[_first(leader, (result["task"], other))] = _first(leader, one)
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for one in leader:
        found[_first(leader, one)].append(one)
    return sorted((task, sorted(name for _, name in group) + [OURS] * (not ours.isdisjoint(group))) for (task, _), group in found.items())


def _first(leader: dict[tuple[str, str], tuple[str, str]], one: tuple[str, str]) -> tuple[str, str]:
    """Who leads the group that ``one`` is in (disjoint sets; paths are halved on the way)."""
    leader.setdefault(one, one)
    while leader[one] != one:
        leader[one] = one = leader[leader[one]]
    return one


@dataclass(frozen=True)
class Time:
    """Seconds of judging: of all, the median, and the slowest."""

    total: float
    median: float
    slowest: list[Result]

    @classmethod
    def of(cls, results: list[Result]) -> "Time":
        """Of all attempts."""
        seconds = [finite(result["seconds"]) for result in results]
        slowest = sorted(results, key=lambda result: -finite(result["seconds"]))[:SLOWEST]
        return cls(sum(seconds), statistics.median(seconds or [0.0]), slowest)
