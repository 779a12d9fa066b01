"""What comes of a grading: a list of grades; and all of it in a folder: grades.csv, grades.json, index.html, pages/."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.grades import pages
from harness.grades.grade import Equal, Grade, as_csv, by_student, grades
from harness.grades.text import file_names
from harness.grading.assignment import Assignment
from harness.grading.judge import Result

__all__ = ["Equal", "Grade", "grades", "write"]

VERSION = 2             # of the JSON; grades.schema.json describes it
PAGES = "pages"


def write(folder: Path, results: Iterable[Result], assignment: Assignment, equal: Equal) -> list[Grade]:
    """Write everything into ``folder``, which is made where it is not there; the grades."""
    results = list(results)
    made = grades(results, assignment, equal)
    files = {student: f"{PAGES}/{name}.html" for student, name in file_names(grade.student for grade in made).items()}
    (folder / PAGES).mkdir(parents=True, exist_ok=True)
    (folder / "grades.csv").write_bytes(as_csv(made))
    with open(folder / "grades.json", "w", encoding="utf-8") as file:
        file.writelines(as_json(made, results, assignment, equal, files))
    for student, own in by_student(made).items():
        (folder / files[student]).write_text(pages.student_page(own, assignment), encoding="utf-8")
    (folder / "index.html").write_text(pages.class_page(made, results, assignment, equal, files), encoding="utf-8")
    return made


def as_json(made: list[Grade], results: list[Result], assignment: Assignment, equal: Equal, files: dict[str, str]) -> Iterator[str]:
    """Everything, as grades.schema.json has it: a line a grade, a line a result, since there may be many."""
    about = asdict(assignment) | {"deadline": assignment.deadline and assignment.deadline.isoformat()}
    whom = {name: list(others) for name, others in equal.items()}
    yield f'{{"version": {VERSION},\n"assignment": {_line(about)},\n"equal": {_line(whom)}'
    told = ({key: value for key, value in vars(grade).items() if key not in ("result", "others")}
            | {"page": files[grade.student], "result": grade.result and grade.result["name"]} for grade in made)
    for name, entries in (("grades", told), ("results", results)):
        yield f',\n"{name}": ['
        for i, entry in enumerate(entries):
            yield (",\n" if i else "\n") + _line(entry)
        yield "]"
    yield "}\n"


def _line(value: Any) -> str:
    return json.dumps(_clean(value), allow_nan=False)


def _clean(value: Any) -> Any:
    """JSON has no infinity and no NaN: null stands for a number that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _clean(entry) for key, entry in value.items()}
    return [_clean(entry) for entry in value] if isinstance(value, list | tuple) else value
