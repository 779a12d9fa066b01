"""What students write, made safe: to be a cell of a table, to be the name of a file."""

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from harness.pictures.page import shown

# The second four are full-width, which Excel takes for the first where the system is Japanese. A mere dash is none.
_FORMULA = re.compile(r"(?s)(?!-+\Z)'*\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(10))}    # of Windows


def cell(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula: after a ' . ``text_of`` gives it back."""
    return f"'{text}" if _FORMULA.match(text) else text


def text_of(cell: str) -> str:
    """What ``cell`` was made from."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def table(rows: Iterable[Sequence[object]], mark: bool = False) -> bytes:
    """CSV in UTF-8; ``mark``: with the byte order mark by which Excel knows it. Texts are made safe by ``cell``, and what cannot be
    seen in them is as in ``page.visible``: a table is also read in a terminal."""
    file = io.StringIO()
    csv.writer(file).writerows([cell(shown(entry)) if isinstance(entry, str) else entry for entry in row] for row in rows)
    return file.getvalue().encode("utf-8-sig" if mark else "utf-8")


def read_table(content: bytes) -> list[dict[str, str]]:
    """The rows of what ``table`` made, by the names in its first."""
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [{key: text_of(entry) for key, entry in row.items()} for row in reader]


def number(value: float) -> str:
    """A number of points as people write it."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def file_names(students: Iterable[str]) -> Mapping[str, str]:
    """A name for each student's file, without its ending: no path, and no two the same, also where capitals do not count."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    slugs = {student: _slug(student) for student in sorted(set(students))}
    for student, slug in sorted(slugs.items(), key=lambda item: item[0] != item[1]):       # first those who keep their name
        name, length = slug, 8
        while name.lower() in taken or (name == slug and slug != student):
            digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()
            name, length = f"{slug}-{digest[:length]}", length + 8
        taken.add(name.lower())
        names[student] = name
    return names


def _slug(student: str) -> str:
    if _SAFE.fullmatch(student) and not student.endswith(".") and student.partition(".")[0].lower() not in _DEVICES:
        return student
    if _SAFE.fullmatch(student):
        return f"student-{student.strip('.')}"
    plain = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "student"
