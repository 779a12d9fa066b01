"""Which task and framework each file answers, what lies beside it, which attempt it is."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePath

from harness import tasks
from harness.frameworks import FRAMEWORKS, IMPORTED, named
from harness.grading.assignment import Assignment
from harness.grading.intake import table
from harness.grading.intake.layouts import File, Student, handed_in
from harness.grading.intake.times import last_commit, moment
from harness.grading.submission import Submission
from harness.tasks import ROOT
from harness.work import files

LONGEST = 200                   # bytes of a name that any disk takes


def submissions(source: Path, assignment: Assignment, *, task: str | None = None, framework: str | None = None,
                pattern: str | None = None, root: Path = ROOT) -> list[Submission]:
    """All that was handed in, by student. ``task``, ``framework``: of all, whatever their names say; ``pattern``: a regular
    expression for the whole name of a file, or its whole path, with a group (?P<student>...).

    Raises WorkbookError where nothing can be made of ``source``.
    """
    finder = _Finder(assignment, task, framework, root)
    if source.suffix.lower() in (".csv", ".tsv") and source.is_file():
        students = table.students(source, root)
    else:
        students = handed_in(source, pattern, assignment.name)
    return _numbered(pair for student in students for pair in finder.of(student))


class _Finder:
    """Which files are answers to what."""

    def __init__(self, assignment: Assignment, task: str | None, framework: str | None, root: Path):
        self.known = tasks.with_drafts(root)
        self.told = files.task_named(task, root).name if task else ""
        self.tasks = [self.told] if self.told else list(assignment.tasks or tasks.names(root))
        self.in_framework = named(framework) if framework else ""
        self.frameworks = [self.in_framework] if self.in_framework else list(assignment.frameworks)
        self.only = self.tasks[0] if len(self.tasks) == 1 else ""
        self.classes = {name: re.compile(rf'^[ \t"]*class[ \t]+{tasks.load(name, "check", root).class_name}\b', re.MULTILINE)
                        for name in self.tasks}

    def of(self, student: Student) -> list[tuple[Submission, File]]:
        """The submissions of a student: at least one."""
        times = {name: moment(text) for name, text in student.stamps.items()}
        committed = last_commit(student.folder / ".git") if student.folder else None
        folders: dict[tuple[str, ...], list[File]] = defaultdict(list)
        for file in student.files:
            file.submitted = file.submitted or times.get(file.parts[0]) or committed
            folders[file.parts[:-1]].append(file)
        found, unexplained, broken = [], [], []
        for folder, theirs in folders.items():
            answers = self._answers(folder, theirs)
            beside = {file.parts[-1]: file.content for file in theirs if _importable(file)}
            found += [(self._submission(student, file, task, beside), file) for file, task in answers]
            chosen = {id(file) for file, _ in answers}
            broken += [file for file in theirs if file.problem and id(file) not in chosen]
            unexplained += [] if answers else [file for file in theirs if not file.problem]
        task = "" if found else self.only
        elsewhere = [file for file in unexplained if self._other_task(file)]
        broken += [file for file in unexplained if file not in elsewhere and (not found or self._looks_like_an_answer(file))]
        for file in broken:
            problem = file.problem or (f"{'/'.join(file.parts)}: an answer to which task? Its name should say that, e.g. "
                                       f"{self.tasks[0]}_{self.frameworks[0]}{PurePath(file.parts[-1]).suffix}")
            found.append((_problem(student, problem, task, file), file))
        if student.problem or not found:
            there = sorted({*student.others, *(file.parts[-1] for file in elsewhere)})
            problem = student.problem or "nothing was handed in" + (f" that can be graded, but {', '.join(there[:5])}" if there else "")
            found.append((_problem(student, problem, task), File((), "")))
        return found

    def _answers(self, folder: tuple[str, ...], theirs: list[File]) -> list[tuple[File, str]]:
        """(file, task): those whose names say a task, or else those that the folder's name or the assignment makes answers."""
        called = [(file, file.task or files.said(file.called, "", self.known)[0]) for file in theirs]
        answers = [(file, task) for file, task in called if task in self.tasks]
        task = self.told or files.said("", folder[-1] if folder else "", set(self.tasks))[0] or self.only
        if not task or any(task == other for _, other in answers):
            return answers
        left = [file for file, other in called if (self.told or not other) and not file.problem]
        chosen = [file for file in left if self.classes[task].search(_text(file))]
        if not chosen and not answers:
            imports = [file for file in left if files.imported(_text(file))]
            chosen = imports if len(imports) == 1 else left if len(left) == 1 else []
        return answers + [(file, task) for file in chosen]

    def _other_task(self, file: File) -> bool:
        task = file.task or files.said(file.called, "", self.known)[0]
        return task is not None and task not in self.tasks

    def _looks_like_an_answer(self, file: File) -> bool:
        text = _text(file)
        return bool(files.imported(text)) or any(pattern.search(text) for pattern in self.classes.values())

    def _submission(self, student: Student, file: File, task: str, beside: dict[str, bytes]) -> Submission:
        framework, problem = self._framework(file)
        beside = {name: content for name, content in beside.items() if name != file.parts[-1]}
        name = PurePath(_name(file.parts[-1]))
        name = name.with_suffix(name.suffix.lower())        # whoever asks whether it is a notebook asks for .ipynb
        return Submission(_name(student.name), task, framework, str(name), file.content, beside, file.submitted,
                          problem=_printable(file.problem or problem))

    def _framework(self, file: File) -> tuple[str, str]:
        """(the framework or "", why it is none)."""
        said = self.in_framework or file.framework or files.said(file.called, "", self.known)[1]
        allowed = ", ".join(FRAMEWORKS[name] for name in self.frameworks)
        where = "/".join(file.parts)
        if said:
            return said, "" if said in self.frameworks else f"{where} is for {FRAMEWORKS[said]}, but the assignment is for {allowed}"
        imported = files.imported(_text(file))
        fit = [name for name in self.frameworks if name in imported]
        if len(fit) == 1:
            return fit[0], ""
        if len(self.frameworks) == 1:
            modules = {files.MODULES[module] for module in IMPORTED[self.frameworks[0]] if module in files.MODULES}
            if not imported or imported & modules:
                return self.frameworks[0], ""
            return "", f"{where} imports {FRAMEWORKS[min(imported)]}, but the assignment is for {allowed}"
        return "", f"{where}: in which framework? Its name should end with that, e.g. vae_pytorch.py"


def _problem(student: Student, problem: str, task: str, file: File | None = None) -> Submission:
    return Submission(_name(student.name), task, file=_name(file.parts[-1]) if file else "", submitted=file.submitted if file else None,
                      problem=_printable(problem))


def _text(file: File) -> str:
    return file.content.decode(errors="replace")


def _importable(file: File) -> bool:
    return not file.problem and file.parts[-1].endswith(".py") and _name(file.parts[-1]) == file.parts[-1]


def _printable(text: str) -> str:
    """Without signs that steer a terminal, and bytes that are no letters (surrogates)."""
    return "".join(c if c.isprintable() else f"%{ord(c):02X}" for c in text)


def _name(text: str) -> str:
    """``text`` as any disk, table and terminal takes it for a name."""
    name = _printable(text).replace("/", "%2F")
    if len(name.encode()) > LONGEST:
        name = name[:40] + "~" + hashlib.sha256(name.encode()).hexdigest()[:12] + PurePath(name).suffix[:8]
    return name if name.strip(". ") else "%" + name


def _numbered(pairs: Iterable[tuple[Submission, File]]) -> list[Submission]:
    """Attempts of a student at a task in a framework, by time; no two submissions of one name."""
    attempts: dict[tuple[str, str, str], list[tuple[Submission, File]]] = defaultdict(list)
    for submission, file in pairs:
        attempts[submission.student, submission.task or submission.file, submission.framework].append((submission, file))
    numbered = []
    for theirs in attempts.values():
        theirs.sort(key=lambda pair: (pair[1].attempt, _seconds(pair[0].submitted), pair[1].order))
        last = 0
        for submission, file in theirs:
            last = max(last + 1, file.attempt)
            numbered.append(replace(submission, attempt=last))
    return numbered


def _seconds(submitted: str | None) -> float:
    return datetime.fromisoformat(submitted).timestamp() if submitted else 0.0
