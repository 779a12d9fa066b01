"""Where the content is: the folder with questions/, answers/ and datasets/, which the program reads by path."""

from pathlib import Path
from types import ModuleType

from harness.messages import WorkbookError

_PACKAGE = Path(__file__).resolve().parents[1]


def _root() -> Path:
    """A checkout has the content beside the package; a wheel brings it inside."""
    beside = _PACKAGE.parent
    return beside if (beside / "questions").is_dir() else _PACKAGE / "content"


ROOT = _root()


def in_root(root: Path) -> list[str]:
    """What a command that is printed says of ``root``: nothing where it is the workbook's own."""
    return [] if root.resolve() == ROOT else ["--root", str(root)]


def require_answers(root: Path = ROOT, instead: str = "") -> None:
    """Raises WorkbookError in a student edition, which has stubs/ in place of answers/. ``instead``: what can be done there."""
    if not (root / "answers").is_dir():
        raise WorkbookError(f"this edition of the workbook has no answers: there is no {root / 'answers'}{instead and '; '}{instead}")


def module(path: Path) -> ModuleType:
    """What the Python file ``path`` of the content defines, from its source as it is now.

    Raises WorkbookError if it is not there.
    """
    if not path.is_file():
        raise WorkbookError(f"there is no {path}")
    found = ModuleType(f"content_{path.parent.name}_{path.stem}")
    found.__file__ = str(path)
    exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), found.__dict__)
    return found
