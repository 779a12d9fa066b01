"""What an answer has in place of a terminal: what it prints is kept, and what it asks for is refused."""

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

PRINTED = 4000          # characters of what the learner's code prints that are kept, of its beginning and of its end


class NoTerminal(Exception):
    """The answer waits for a word, or for a debugger's command, that nobody can give it; one line."""


@contextlib.contextmanager
def without_terminal(printed: "Tail") -> Iterator[None]:
    """In it, all that is printed goes to ``printed``; input(), breakpoint() and pdb raise NoTerminal."""
    stdin, hook = sys.stdin, sys.breakpointhook
    sys.stdin, sys.breakpointhook = _Nobody(), _refuse
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield
    finally:
        sys.stdin, sys.breakpointhook = stdin, hook


def _refuse(*arguments: Any, **keywords: Any) -> NoReturn:
    raise NoTerminal("your code asks for input, but a check has no terminal; with `check --debug`, input() and breakpoint() work")


class _Nobody(io.TextIOBase):
    read = readline = readlines = __next__ = _refuse

    def readable(self) -> bool:
        return True


class Tail(io.TextIOBase):
    """Takes any number of characters, and keeps the first and the last of them."""

    def __init__(self) -> None:
        self.head, self.tail, self.length = "", "", 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.length += len(text)
        room = PRINTED - len(self.head)
        self.head += text[:room]
        self.tail = (self.tail + text[room:])[-PRINTED:] if len(text) > room else self.tail
        return len(text)

    def text(self) -> str:
        left_out = self.length - len(self.head) - len(self.tail)
        return self.head + (f"\n... {left_out:,} characters ...\n" if left_out else "") + self.tail
