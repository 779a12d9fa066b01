"""When something was handed in, as far as what lies there says it."""

import contextlib
import os
import re
import struct
import time
import zlib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from harness.grading.intake.reading import Unread, read

MOST_OF_PACK = 64 << 20         # bytes of a clone's pack


def moment(text: str) -> str | None:
    """The time that nbgrader wrote, "2026-12-01 23:59:00.123456 UTC" (exchange/abc/exchange.py: timestamp_format). Without a zone
    it is UTC there (utils.py: parse_utc). Of the short names of zones, which can mean several, this machine's is understood.
    """
    day, _, zone = text.strip().rpartition(" ") if re.search(r" [A-Za-z]+$", text.strip()) else (text.strip(), "", "")
    try:
        when = datetime.fromisoformat(day)
        if when.tzinfo or zone in ("", "UTC", "GMT"):
            return (when if when.tzinfo else when.replace(tzinfo=UTC)).isoformat()
        return when.astimezone().isoformat() if zone in time.tzname else None
    except (ValueError, OverflowError, OSError):
        return None


def last_commit(git: Path) -> str | None:
    """When the last commit of a clone was made, by the clock of who made it; None where that is not to be read.

    The files are read, since git would run what the clone's settings name. The log of a fresh clone has the time of cloning only.
    """
    try:
        head = _of_git(git, "HEAD").decode().strip()
        commit = _tip(git, head[5:]) if head.startswith("ref: ") else head
        if not re.fullmatch("[0-9a-f]{40}", commit):
            return None
        found = re.search(rb"^committer .*> (\d{1,10}) ([+-])(\d\d)([0-5]\d)$", _commit(git, bytes.fromhex(commit)), re.MULTILINE)
        if found is None:
            return None
        offset = timedelta(hours=int(found[3]), minutes=int(found[4])) * (-1 if found[2] == b"-" else 1)
        return datetime.fromtimestamp(int(found[1]), timezone(offset)).isoformat()
    except (Unread, ValueError, LookupError, OverflowError, OSError, struct.error, zlib.error):
        return None


def _of_git(git: Path, name: str, most: int = 1 << 20) -> bytes:
    """A file of the clone's own, and no other by way of a link. Raises Unread."""
    if os.path.realpath(git / name) != os.path.join(os.path.realpath(git.parent), git.name, name):
        raise Unread("is a link")
    return read(git / name, most)


def _tip(git: Path, name: str) -> str:
    """The commit of a branch: in a file of its own (gitrepository-layout), or in packed-refs."""
    if not re.fullmatch(r"refs/[\w./-]+", name) or ".." in name:
        raise Unread("is no branch")
    try:
        return _of_git(git, name).decode().strip()
    except Unread:
        lines = _of_git(git, "packed-refs").decode().splitlines()
        return next((line.split()[0] for line in lines if line.endswith(f" {name}")), "")


def _commit(git: Path, name: bytes) -> bytes:
    """A commit as it is, from a file of its own, or from a pack in which it is whole, as the last one is (gitformat-pack)."""
    with contextlib.suppress(Unread):
        return _inflated(_of_git(git, f"objects/{name.hex()[:2]}/{name.hex()[2:]}"))
    for path in sorted((git / "objects/pack").glob("*.idx")):
        index = _of_git(git, f"objects/pack/{path.name}", MOST_OF_PACK)
        count, = struct.unpack_from(">I", index, 8 + 255 * 4)
        names = 8 + 1024
        place = index.find(name, names, names + count * 20)
        while place >= 0 and (place - names) % 20:
            place = index.find(name, place + 1, names + count * 20)
        if index[:8] == b"\377tOc\0\0\0\2" and place >= 0:
            at, = struct.unpack_from(">I", index, names + count * 24 + (place - names) // 20 * 4)
            pack = _of_git(git, f"objects/pack/{path.stem}.pack", MOST_OF_PACK)
            if pack[at] >> 4 & 7 != 1:          # a difference to another
                return b""
            while pack[at] & 128:
                at += 1
            return _inflated(pack[at + 1:at + (1 << 16)])
    return b""


def _inflated(content: bytes) -> bytes:
    return zlib.decompressobj().decompress(content, 1 << 16)
