"""What was found out: one mistake, in words, with its place, and what it changes in the question's model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:       # what shows findings needs no autograd
    from harness.exact.model import Model


@dataclass
class Finding:
    """``kind``: what sort it is; ``place``: network.layer, loss or optimizer; ``yours`` and ``question``: what each has;
    ``line``: of the answer's file (or what a notebook calls it), or 0; ``event``: of the step, in whose order findings are; ``edit``
    makes the same mistake in a model, None where that cannot be done."""

    kind: str
    place: str
    words: str
    yours: str = ""
    question: str = ""
    line: int | str = 0
    event: int = 0
    edit: "Callable[[Model], None] | None" = None

    def said(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"kind": self.kind, "place": self.place, "words": self.words, "yours": self.yours, "question": self.question,
                "line": self.line}
