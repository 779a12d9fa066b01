"""Where the content is: the folder with questions/, answers/ and datasets/, which the program reads by path."""

from pathlib import Path

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
