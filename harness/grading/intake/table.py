"""A table of what was handed in: student, file, and, where the files' names do not say it, task, framework, submitted, attempt.

The files' paths begin at the table's folder. What a spreadsheet makes of a table is read, too: a mark at the beginning, semicolons,
tabs.
"""

import csv
import io
from datetime import datetime
from pathlib import Path, PurePath

from harness.frameworks import named
from harness.grading.intake.layouts import File, Student
from harness.grading.intake.reading import Unread, read
from harness.messages import WorkbookError
from harness.work import files

COLUMNS = ("student", "file", "task", "framework", "submitted", "attempt")
LARGEST_TABLE = 64 << 20        # bytes


def students(path: Path, root: Path) -> list[Student]:
    """What a table lists. Raises WorkbookError for what its writer has to mend."""
    try:
        content = read(path.resolve(), LARGEST_TABLE)
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except Unread as error:
        raise WorkbookError(f"{path} {error}") from None
    except UnicodeDecodeError:
        raise WorkbookError(f"{path}: is not in UTF-8; in Excel, save it as 'CSV UTF-8'") from None
    head = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    try:
        columns = [column.strip().lower() for column in next(rows, [])]
        for column in COLUMNS[:2]:
            if column not in columns:
                raise WorkbookError(f"{path}: there is no column '{column}' in its first line ({', '.join(columns) or 'empty'}); it needs "
                                    f"student and file, and may have {', '.join(COLUMNS[2:])}")
        found: dict[str, Student] = {}
        for row in rows:
            if any(cell.strip() for cell in row):
                cells = {column: cell.strip() for column, cell in zip(columns, row)}
                _row(path, rows.line_num, {column: cells.get(column, "") for column in COLUMNS}, found, root)
    except csv.Error as error:
        raise WorkbookError(f"{path}, line {rows.line_num}: {error}") from None
    if not found:
        raise WorkbookError(f"{path}: has no line but the first")
    return [student for _, student in sorted(found.items())]


def _row(path: Path, line: int, cells: dict[str, str], found: dict[str, Student], root: Path) -> None:
    where = f"{path}, line {line}"
    if not cells["student"]:
        raise WorkbookError(f"{where}: whose is it? The student is missing")
    student = found.setdefault(cells["student"], Student(cells["student"]))
    if not cells["file"]:
        return
    parts = PurePath(cells["file"].replace("\\", "/")).parts or (".",)
    file = File(parts, PurePath(parts[-1]).stem)
    try:
        file.task = files.task_named(cells["task"], root).name if cells["task"] else ""
        file.framework = named(cells["framework"]) if cells["framework"] else ""
        file.attempt = int(cells["attempt"] or 0)
        if cells["submitted"]:
            when = datetime.fromisoformat(cells["submitted"])
            file.submitted = (when if when.tzinfo else when.astimezone()).isoformat()
    except WorkbookError as error:
        raise WorkbookError(f"{where}: {error}") from None
    except (ValueError, OverflowError, OSError):
        raise WorkbookError(f"{where}: submitted is a time such as 2026-12-01T23:59+09:00, attempt a whole number") from None
    folder = path.resolve().parent
    student.files.append(file)
    try:
        if not folder.joinpath(*parts[:-1]).resolve().is_relative_to(folder):
            raise Unread("lies outside the folder of the table")
        if PurePath(parts[-1]).suffix.lower() not in files.SUFFIXES:
            raise Unread("is neither a .py nor an .ipynb file")
        file.content = read(folder.joinpath(*parts))
    except Unread as error:
        file.problem = f"{cells['file']} {error}"
