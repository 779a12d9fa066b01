"""Two parts line by line: which lines stand beside each other, and what differs in them."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from website.align import likeness
from website.align.parts import Answer

LIKE = 0.13             # less like than this, two lines do not stand in one row
TOKEN = re.compile(r"\w+|[^\w\s]")
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Row:
    """``left``, ``right``: numbers of lines, None where there is none. ``marks``: of each side what differs, from and to a column."""

    left: int | None
    right: int | None
    marks: tuple[Spans, Spans] = ((), ())

    @property
    def same(self) -> bool:
        """Whether both sides say the same, but for spaces and comments at the end."""
        return self.left is not None and self.right is not None and self.marks == ((), ())


class Beside:
    """Two answers to one question, to be laid beside each other."""

    def __init__(self, left: Answer, right: Answer):
        self.left, self.right = left, right
        self._features = [likeness.features(answer.source) for answer in (left, right)]
        self._counts = likeness.commonness(*self._features)

    def parts(self) -> list[str]:
        """The parts of both, in order: those that only one has stand where it has them."""
        keys = list(self.left.parts)
        for i, key in enumerate(self.right.parts):
            if key not in keys:
                before = [k for k in list(self.right.parts)[:i] if k in keys]
                keys.insert(keys.index(before[-1]) + 1 if before else 0, key)
        return keys

    def rows(self, key: str) -> list[Row]:
        """The rows of a part: each line of either side once, in order."""
        a, b = (answer.parts[key].lines if key in answer.parts else () for answer in (self.left, self.right))
        pairs = dict(_aligned(self._likenesses(a, b)))
        rows, i, j = [], 0, 0
        for i_next, j_next in [*sorted(pairs.items()), (len(a), len(b))]:
            rows += [Row(line, None) for line in a[i:i_next]] + [Row(None, line) for line in b[j:j_next]]
            if i_next < len(a):
                rows.append(Row(a[i_next], b[j_next], _marks(self.left.text[a[i_next] - 1], self.right.text[b[j_next] - 1])))
            i, j = i_next + 1, j_next + 1
        return rows

    def _likenesses(self, a: Sequence[int], b: Sequence[int]) -> np.ndarray:
        left, right = ([file.get(n, {}) for n in of] for file, of in zip(self._features, (a, b)))
        found = np.array([[likeness.likeness(x, y, self._counts) for y in right] for x in left]).reshape(len(a), len(b))
        for i, x in enumerate(a):       # a bracket alone has nothing in it, and equals its like
            for j, y in enumerate(b):
                if self.left.text[x - 1].strip() == self.right.text[y - 1].strip():
                    found[i, j] = max(found[i, j], 1 if left[i] else LIKE)
        return found


def _aligned(like: np.ndarray) -> list[tuple[int, int]]:
    """Pairs that do not cross, with the largest sum of what their likeness is above LIKE (Needleman and Wunsch 1970)."""
    rows, columns = like.shape
    gain = np.where(like >= LIKE, like - LIKE + 1e-6, -np.inf)
    best = np.zeros((rows + 1, columns + 1))
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best[i, j] = max(best[i + 1, j], best[i, j + 1], best[i + 1, j + 1] + gain[i, j])
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        if best[i, j] == best[i + 1, j + 1] + gain[i, j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i, j] == best[i + 1, j]:
            i += 1
        else:
            j += 1
    return pairs


def _marks(left: str, right: str) -> tuple[Spans, Spans]:
    codes = [_without_comment(left), _without_comment(right)]
    if not any(code.strip() for code in codes):         # two comments
        codes = [left, right]
    a, b = ([(m[0], m.start(), m.end()) for m in TOKEN.finditer(code)] for code in codes)
    found: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    matcher = difflib.SequenceMatcher(None, [t for t, _, _ in a], [t for t, _, _ in b], autojunk=False)
    for what, i, i_end, j, j_end in matcher.get_opcodes():
        if what != "equal":
            for tokens, first, last, spans in ((a, i, i_end, found[0]), (b, j, j_end, found[1])):
                if first < last:
                    spans.append((tokens[first][1], tokens[last - 1][2]))
    return tuple(found[0]), tuple(found[1])


def _without_comment(text: str) -> str:
    """A line of code without the comment at its end; "#" inside a text is none."""
    quote = ""
    for i, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#":
            return text[:i]
    return text
