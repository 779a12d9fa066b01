"""What each student handed in: from a folder, a zip or a table, in the layouts of the systems that give them out.

    a folder a student      <student>/..., at any depth
    Moodle                  <full name>_<number>_assignsubmission_file/..., or all in one folder, ..._file_<name of the file>
    Canvas                  <lastfirst>[_LATE]_<user>_<attachment>_<name of the file>
    nbgrader                submitted/<student>/<assignment>/..., with the time in timestamp.txt
    GitHub Classroom        <assignment>-submissions/<assignment>-<user>/..., each a clone
    flat files              whose names a pattern explains
"""

import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from harness.grading.intake.reading import LARGEST, LARGEST_ZIP, Item, Unread, listed, members, zipped
from harness.messages import WorkbookError
from harness.work.files import SUFFIXES

MOST_FILES = 200            # of a student
MOST_BYTES = 32 << 20       # of a student
MOST_OF_ALL = 2 << 30       # bytes of all students together

# Moodle, mod/assign/classes/downloader.php: get_student_prefix (a name, in which _ became a space, or a group's, then _<number>)
# and load_submissionplugin_filelist. Older versions end a folder's name with _. Text that was typed comes as ..._onlinetext.
MOODLE = re.compile(r"(?P<student>[^_]+(?:_\d+)?)_assignsubmission_[a-z]+(?:_(?P<file>.*))?", re.DOTALL)
# Canvas, app/models/content_zipper.rb: get_filename (no name where the grading is anonymous), add_upload_submission,
# add_text_or_url. How a file that is handed in again is called: canvas-lms, issue 606. It is so, too, where a file of that name was
# handed in for another assignment, so the number is an order, and no count.
CANVAS = re.compile(r"(?:(?P<name>[^_].*?)_)??(?:LATE_)?(?P<user>\d+)_(?:\d+_(?P<file>.+)|(?:text|link)\.html)", re.DOTALL | re.IGNORECASE)
AGAIN = re.compile(r"(.+)-(\d{1,4})(\.[^.]*)", re.DOTALL)
# GitHub Classroom, github/gh-classroom, clone/student-repos: <slug>-submissions/<name of the repository>, which is <slug>-<user>.
CLONES = "-submissions"
# nbgrader, docs/source/exchange/exchange_api.rst: {nbgrader_step}/{student_id}/{assignment_id}/{notebook_id}.ipynb; timestamp.txt
# lies beside the notebook.
SUBMITTED, TIMESTAMP = "submitted", "timestamp.txt"


@dataclass
class File:
    """``parts``: where it lies, from the student's folder on. ``called``: the part of its name that may say task and framework.
    ``order``: of two attempts without a time, the higher is the later. ``task`` ...: what a table says."""

    parts: tuple[str, ...]
    called: str
    content: bytes = b""
    problem: str = ""
    submitted: str | None = None
    order: int = 0
    task: str = ""
    framework: str = ""
    attempt: int = 0


@dataclass
class Student:
    """``others``: names of what was handed in and cannot be graded. ``stamps``: what nbgrader wrote of the time, by assignment.
    ``folder``: on the disk. ``problem``: why nothing can be graded."""

    name: str
    files: list[File] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    stamps: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    problem: str = ""


def handed_in(source: Path, pattern: str | None = None, assignment: str = "") -> list[Student]:
    """All students of whom a folder or zip knows. ``assignment``: its name, where nbgrader's folders have several.

    Raises WorkbookError where nothing can be made of it.
    """
    if source.is_dir():
        return _Layout(source, list(listed(source)), pattern, assignment).students()
    try:
        archive = zipfile.ZipFile(source)
    except Exception as error:                  # damaged, it makes zipfile raise nearly anything
        raise WorkbookError(f"{source} is neither a folder, nor a table (.csv), nor a zip that can be unpacked ({error})") from None
    with archive:
        return _Layout(source, list(members(archive)), pattern, assignment, zipped=True).students()


class _Layout:
    """Which of the layouts a folder or zip has, and so whose each file is."""

    def __init__(self, source: Path, items: list[Item], pattern: str | None, assignment: str, zipped: bool = False):
        self.source, self.zipped, self.pattern = source, zipped, _compiled(pattern)
        self.items = [item for item in items if item.parts]
        self.folder, self.called = source, source.stem if zipped else source.resolve().name
        while not self.pattern and (top := self._wrapper()):
            self.folder, self.called = self.folder / top, top
            self.items = [Item(item.parts[1:], item.folder, item.read) for item in self.items if item.parts[0] == top and item.parts[1:]]
        if self.called == SUBMITTED and any(item.parts[1:] == (assignment,) for item in self.items):
            self.items = [item for item in self.items if item.parts[1:2] in ((), (assignment,))]

    def _wrapper(self) -> str | None:
        """A folder that is no student's, but holds those of all."""
        tops = {item.parts[0] for item in self.items}
        if self.called != SUBMITTED and SUBMITTED in tops:
            return SUBMITTED
        if len(tops) != 1 or any(len(item.parts) == 1 and not item.folder for item in self.items):
            return None
        top = tops.pop()
        theirs = any(MOODLE.fullmatch(name) or CANVAS.fullmatch(name) for item in self.items for name in item.parts[1:2])
        of_the_zip = self.zipped and top == self.source.stem and any(len(item.parts) > 2 for item in self.items)
        return top if theirs or of_the_zip or top.endswith(CLONES) else None

    def students(self) -> list[Student]:
        """In the order of their names. What each has is read here."""
        whose: dict[str, list[tuple[File, Item]]] = defaultdict(list)
        folders: dict[str, Path] = {}
        nobodys = []
        for item in self.items:
            student, file = self._whose(item)
            if file:
                whose[student].append((file, item))
                if item.folder and not file.parts and not self.zipped:
                    folders[student] = self.folder / item.parts[0]
            elif not item.folder and _suffix(item) in (*SUFFIXES, ".zip"):
                nobodys.append(item.parts[-1])
        if not whose:
            raise WorkbookError(f"{self.source}: nothing says whose {nobodys[0]!r} is; lay the files in a folder a student, or say "
                                "how their names are made, e.g. --pattern '(?P<student>[^_]+)_.*'" if nobodys else
                                f"{self.source}: nothing was handed in there")
        left, students = MOST_OF_ALL, []
        for name in sorted(whose):
            students.append(_student(name, whose.pop(name)))
            students[-1].folder = folders.get(name)
            left -= sum(len(file.content) for file in students[-1].files)
            if left < 0:
                raise WorkbookError(f"{self.source}: more than {MOST_OF_ALL >> 30} GiB of files; grade them in several parts")
        return students + [Student(name, problem="nothing says whose it is: it is called otherwise than the others") for name in nobodys]

    def _whose(self, item: Item) -> tuple[str, File | None]:
        """The student, and what a file of theirs is called; or none, where nothing says whose it is."""
        top, name, rest = item.parts[0], item.parts[-1], item.parts[1:]
        if self.pattern:
            match = None if item.folder else self.pattern.fullmatch(name) or self.pattern.fullmatch("/".join(item.parts))
            if not match or not match["student"]:
                return "", None
            begin, end = match.span("student")
            called = name[:begin] + name[end:] if match.string == name else name
            return match["student"], File(item.parts, _stem(called.lstrip(" _-.")).rstrip(" _-"))
        if match := MOODLE.fullmatch(top):
            parts = (match["file"], *rest) if match["file"] else rest
            return match["student"], File(parts, _stem(name if rest else match["file"] or ""))
        if item.folder or rest:
            student = top.removeprefix(self.called.removesuffix(CLONES) + "-") if self.called.endswith(CLONES) else top
            return student or top, File(rest, _stem(name))
        if match := CANVAS.fullmatch(top):
            file = match["file"] or top
            again = AGAIN.fullmatch(file)
            file = again[1] + again[3] if again else file
            return "_".join(filter(None, (match["name"], match["user"]))), File((file,), _stem(file), order=int(again[2]) if again else 0)
        return "", None


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    try:
        compiled = re.compile(pattern) if pattern else None
    except re.error as error:
        raise WorkbookError(f"--pattern {pattern!r} is no regular expression: {error}") from None
    if compiled and "student" not in compiled.groupindex:
        raise WorkbookError(f"--pattern {pattern!r} does not say where the student's name is: (?P<student>...)")
    return compiled


def _stem(name: str) -> str:
    """Without the "(1)" that a browser adds."""
    return re.sub(r" ?\(\d{1,3}\)$", "", PurePath(name).stem)


def _suffix(item: Item) -> str:
    return PurePath(item.parts[-1]).suffix.lower()


def _student(name: str, items: list[tuple[File, Item]]) -> Student:
    student, left = Student(name), MOST_BYTES
    waiting = items[::-1]
    while waiting:
        file, item = waiting.pop()
        if item.folder:
            try:
                item.read(0)
            except Unread as error:
                student.others.append(f"{item.parts[-1]}, which {error}")
            continue
        suffix = PurePath(file.parts[-1]).suffix.lower()
        try:
            if file.parts[1:] == (TIMESTAMP,):
                student.stamps[file.parts[0]] = item.read(LARGEST)[:100].decode(errors="replace")
            elif suffix == ".zip" and not any(part.lower().endswith(".zip") for part in file.parts[:-1]):
                waiting += [(File(member.parts, _stem(member.parts[-1]), order=file.order), member)
                            for member in reversed(zipped(item.read(LARGEST_ZIP), file.parts))]
            elif suffix in SUFFIXES:
                file.content = item.read(LARGEST)
                left -= len(file.content)
                student.files.append(file)
            else:
                student.others.append(file.parts[-1])
        except Unread as error:
            file.problem = f"{'/'.join(file.parts)} {error}"
            student.files.append(file)
        if len(student.files) > MOST_FILES or left < 0:
            limit = f"{MOST_FILES} files" if left >= 0 else f"{MOST_BYTES >> 20} MiB"
            return Student(name, problem=f"more than {limit} were handed in; take out what is no answer")
    return student
