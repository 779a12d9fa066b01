"""The named mistakes of a task: what learners get wrong, and the edits that make each in our answers.

``questions/<task>/mistakes.toml`` has their names, titles and explanations; ``questions/<task>/edits/<framework>.toml``
has, for each name, a list of [old text, new text], replaced one after the other, in all places: who takes a wrong
default takes it everywhere.
"""

from dataclasses import dataclass

from harness.tasks.task import Task, TaskError, read


@dataclass(frozen=True)
class Mistake:
    """``section``: the heading of the question's README that it belongs to. ``same``: mistakes that compute the same."""

    name: str
    title: str
    explanation: str
    section: str = "What is easy to get wrong"
    same: tuple[str, ...] = ()


def load(task: Task) -> list[Mistake]:
    """In the file's order; none if the task has no mistakes.toml. Raises TaskError where that file is not as it should be."""
    path = task.folder / "mistakes.toml"
    if not path.is_file():
        return []
    try:
        found = [Mistake(**{**table, "same": tuple(table.get("same", ()))}) for table in read(path)["mistake"]]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise TaskError(f"{path}: {error}") from None
    for mistake in found:
        if not all(isinstance(entry, str) for entry in (mistake.name, mistake.title, mistake.explanation, mistake.section, *mistake.same)):
            raise TaskError(f"{path}: mistake {mistake.name!r}: all its values must be texts in quotes")
    return found


def edits(task: Task, framework: str) -> dict[str, list[list[str]]]:
    """What makes each mistake in the answer of ``framework``, by the mistake's name."""
    path = task.folder / "edits" / f"{framework}.toml"
    return read(path) if path.is_file() else {}


def edited(source: str, changes: list[list[str]]) -> str:
    """``source`` with ``changes`` made. Raises ValueError if a text to be replaced is not there."""
    for old, new in changes:
        if old not in source:
            raise ValueError(f"the answer does not contain {old!r}")
        source = source.replace(old, new)
    return source
