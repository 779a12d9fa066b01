"""How a beast of the zoo is made: an answer to a small task, and a function that does its worst in it.

A beast's function runs in the process of a learner's code. Only its text goes there, below that of ``inside.py``, whose names
it may use. ``at`` says when: as the file is imported; when the answer was built, with it; at each step, with the losses; when it
is asked to encode, with the codes. What it returns then comes in place of what it was given.
"""

import functools
import inspect
import re
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

from harness import tasks
from harness.grading.submission import Submission
from harness.tasks import answer_path, mistakes
from harness.work import stub

TASK = "ae"
MISTAKE = "sum-for-mean"        # right up to the first losses
PASSED, WRONG, NOTHING, RAISED, LATE = "passed", "wrong", "not attempted", "raised", "out of time"
AT = {"import": "{piece}()", "build": "_after({kind}, '__init__', {piece}, True)", "step": "_after({kind}, 'train_step', {piece})",
      "ask": "_after({kind}, 'encode', {piece})", "never": ""}
INSIDE = (Path(__file__).parent / "inside.py").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Beast:
    """``states``: what may come of it; ``says``: what its result's message has; ``lone``: needs no sandbox to be judged soundly."""

    name: str
    kind: str
    source: bytes
    states: frozenset[str]
    says: str = ""
    seconds: float = 20.0
    gigabytes: float = 1.0
    cpu_seconds: float = 60.0
    lone: bool = False
    framework: str = "chainer"
    file: str = ""
    beside: dict[str, bytes] = field(default_factory=dict)

    def submission(self, **told: str) -> Submission:
        """``told``: what the file is to know of the machine, in place of @NAME@."""
        source = self.source
        for name, value in told.items():
            source = source.replace(f"@{name}@".encode(), value.encode())
        return Submission(self.name, TASK, self.framework, self.file or f"{TASK}_{self.framework}.py", source, self.beside)


@functools.cache
def answer(base: str, framework: str = "chainer") -> str:
    """The text of an answer: "right", "wrong" in one place, a "stub", or "none"."""
    task = tasks.load(TASK, "check")
    text = answer_path(task, framework).read_text(encoding="utf-8")
    if base == "stub":
        return stub.stub(text)
    text = stub.solution(text)
    return {"right": text, "none": "", "wrong": mistakes.edited(text, mistakes.edits(task, framework)[MISTAKE])}[base]


def made(name: str, base: str, at: str, text: str, framework: str = "chainer") -> bytes:
    """The whole file."""
    call = AT[at].format(piece=name, kind="Autoencoder")
    return "\n".join([INSIDE, answer(base, framework), text, call, ""]).encode()


class Kind:
    """The beasts of one file of the zoo. ``normal``: what holds for those of them that do not say otherwise."""

    def __init__(self, name: str, **normal):
        self.name, self.normal, self.beasts = name.rpartition(".")[2], normal, []

    def __call__(self, function=None, /, **said):
        """A decorator."""
        if function is None:
            return functools.partial(self, **said)
        said = {**self.normal, **said}
        base, at, states, framework = said.pop("base", "right"), said.pop("at", "import"), said.pop("states"), said.get("framework", "chainer")
        text = textwrap.dedent(inspect.getsource(function))
        text = text[re.search(r"^def ", text, re.MULTILINE).start():]
        self._add(function.__name__, made(function.__name__, base, at, text, framework), states, said)
        return function

    def file(self, name: str, source: bytes | str, **said) -> None:
        """A beast that is a whole file."""
        said = {**self.normal, **said}
        said.pop("base", None), said.pop("at", None)
        self._add(name, source if isinstance(source, bytes) else source.encode(), said.pop("states"), said)

    def _add(self, name, source, states, said):
        states = frozenset([states] if isinstance(states, str) else states)
        self.beasts.append(Beast(name, self.name, source, states, **said))
