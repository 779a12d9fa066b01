"""What is given to the process: a learner's file."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """A learner's file: what it is called, what it holds, and where modules of their own are."""

    path: Path
    content: bytes
    folder: Path

    @classmethod
    def of(cls, file: Path) -> "Source":
        """Of a Python file."""
        path = file.resolve()
        return cls(path, path.read_bytes(), path.parent)
