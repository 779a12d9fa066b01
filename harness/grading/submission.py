"""One file of one student, with what lies beside it, as it travels from the intake to a judge."""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Submission:
    """``file``: its name as the student gave it, ``source``: what it holds; ``beside``: other files of the same folder that it
    may import. ``submitted``: ISO 8601, with an offset, or None where nothing says when. ``attempt``: 1 is the first.
    ``problem``: why it cannot be graded; then all else may be empty.
    """

    student: str
    task: str = ""
    framework: str = ""
    file: str = ""
    source: bytes = b""
    beside: dict[str, bytes] = field(default_factory=dict)
    submitted: str | None = None
    attempt: int = 1
    problem: str = ""

    @property
    def name(self) -> str:
        """What no other submission of a grading is called."""
        return "/".join((self.student, self.task or self.file, self.framework, str(self.attempt)))

    @property
    def digest(self) -> str:
        """SHA-256 of all that it holds: another one, another verdict."""
        found = hashlib.sha256(repr((self.task, self.framework, self.file, self.problem)).encode("utf-8", "backslashreplace"))
        for name, content in [("", self.source), *sorted(self.beside.items())]:
            found.update(f"{len(name)} {len(content)} {name}".encode("utf-8", "backslashreplace") + content)
        return found.hexdigest()
