"""Messages between processes: a line of JSON each, and arrays in it as (type, shape, bytes).

Nothing that is read here is run: no pickle, and only arrays of plain numbers. Who reads may not trust who wrote.
"""

import base64
import binascii
import json
import math
from typing import Any

import numpy as np

KINDS = "biuf"              # of arrays: booleans, whole numbers, floating point
LINE = 64 * 2**20           # bytes of a message that are read; of all tasks at check size the largest has 2 MiB
MEMBERS = 500_000       # of all lists and objects of a message, which take up to 30 times more here than in the line
LETTERS = 500           # of a line of a text that says what went wrong
MARK = "\0array"            # the key that stands for an array; no name has it


class WireError(ValueError):
    """A line that is no message."""


def dumps(message: Any) -> str:
    """``message`` in one line. Raises TypeError for what is neither JSON nor an array of plain numbers."""
    return json.dumps(message, default=_encoded)


def _encoded(value: Any) -> Any:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in KINDS:
        raise TypeError(f"a {type(value).__name__} cannot be sent")
    return {MARK: [value.dtype.str, list(value.shape), base64.b64encode(np.ascontiguousarray(value).data).decode("ascii")]}


def loads(line: str | bytes) -> Any:
    """The message in a line. Raises WireError."""
    comma, bracket, brace = (",", "[", "{") if isinstance(line, str) else (b",", b"[", b"{")
    if line.count(comma) + line.count(bracket) + line.count(brace) > MEMBERS:  # type: ignore[arg-type]
        raise WireError(f"no message: more than {MEMBERS} members")
    try:
        return json.loads(line, object_hook=_decoded)
    except WireError:
        raise
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise WireError(f"no message: {error}"[:200]) from None


def _decoded(found: dict[str, Any]) -> Any:
    if MARK not in found:
        return found
    kind, shape, text = found[MARK]
    dtype = np.dtype(kind) if isinstance(kind, str) and len(kind) <= 4 else None
    if dtype is None or dtype.kind not in KINDS or not isinstance(shape, list):
        raise WireError("no array of plain numbers")
    if not all(type(n) is int and 0 <= n < 2**40 for n in shape) or len(shape) > 16:
        raise WireError("an array with a shape that is none")
    data = base64.b64decode(text, validate=True)
    if len(data) != math.prod(shape) * dtype.itemsize:
        raise WireError("an array whose bytes do not fill its shape")
    return np.frombuffer(bytearray(data), dtype).reshape(shape)     # which can be written to: PyTorch warns of others


def plain(text: str, most: int) -> str:
    """The first ``most`` letters of a text of unknown origin, as any file or terminal can take them."""
    text = text[:most].replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in text)


def plain_traceback(text: str, lines: int, most: int) -> str:
    """The last lines of one; a line of text is cut."""
    return "\n".join(plain(line, LETTERS) for line in text[-most:].splitlines()[-lines:])
