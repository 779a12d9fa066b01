"""Bytes with faults in them, also inside of what is packed, where the checksums are right again."""

import gzip
import hashlib
import io
import re
import struct
import tarfile
import zipfile
import zlib

EXTREMES = [b"\0\0\0\0", b"\0\0\0\1", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\0\1\0\0"]
NUMBERS = [b"0", b"-1", b"1", b"255", b"65536", b"4294967295", b"99999999999999999999", b"1e200", b"-1e30", b"1e-310", b"nan", b"inf", b"1e8",
           b"0.5", b"9" * 5000, b"1_0"]


def damage(data, rng):
    """The bytes with a few faults in them, mostly near the beginning, where the headers are."""
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(len(data) + 1) * rng.choice([1, rng.random() ** 4]))
        size = int(rng.choice([1, 2, 4, 16, 100, 600]))
        other = int(rng.integers(len(data) + 1))
        kind = rng.integers(9)
        if kind == 0 and data:
            at = min(at, len(data) - 1)
            data = data[:at] + bytes([data[at] ^ 1 << rng.integers(8)]) + data[at + 1:]
        elif kind == 1:
            data = data[:at]
        elif kind == 2:
            data = data[:at] + rng.bytes(size) + data[at:]
        elif kind == 3:
            data = data[:at] + data[at:at + size] + data[at:]
        elif kind == 4:
            data = data[:at] + data[other:other + size] + data[at + size:]
        elif kind == 5:
            data = data[:at] + bytes(size) + data[at + size:]
        elif kind == 6:
            data = data[:at] + data[at + size:]
        elif kind == 7:
            data = data[:at] + EXTREMES[rng.integers(len(EXTREMES))] + data[at + 4:]
        elif found := list(re.finditer(rb"-?\d+(\.\d+)?", data[at:at + 4000])):
            start, end = found[rng.integers(len(found))].span()
            data = data[:at + start] + NUMBERS[rng.integers(len(NUMBERS))] + data[at + end:]
    return data


def in_gzip(data, rng):
    """Damaged outside, or inside, where the checksum is right again."""
    return damage(data, rng) if rng.random() < 0.3 else gzip.compress(damage(gzip.decompress(data), rng), 1)


def in_tar(data, rng):
    """The same; or a header of it damaged, with the checksum that each has."""
    if rng.random() < 0.4:
        return in_gzip(data, rng)
    tar, blocks = bytearray(gzip.decompress(data)), []
    for member in tarfile.open(fileobj=io.BytesIO(tar)):
        blocks.append(member.offset)
    at = blocks[rng.integers(len(blocks))]
    header = bytearray(damage(bytes(tar[at:at + 512]), rng)[:512].ljust(512, b"\0"))
    if rng.random() < 0.3:
        header[156:157] = b"SxLKgX07"[(k := rng.integers(8)):k + 1]     # a file with holes, a long name, a header of PAX
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    tar[at:at + 512] = header
    return gzip.compress(bytes(tar), 1)


def in_zip(data, rng):
    if rng.random() < 0.3:
        return damage(data, rng)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, damage(old.read(name), rng) if rng.random() < 0.7 else old.read(name))
    return made.getvalue()


def in_sealed(data, rng):
    """Damaged with its checksum, or under one that is right."""
    if rng.random() < 0.5:
        return damage(data, rng)
    data = damage(data[32:], rng)
    return hashlib.sha256(data).digest() + data


def in_png(data, rng):
    """The same, with the checksums of the chunks right again."""
    data = damage(data, rng)
    if rng.random() < 0.3:
        return data
    made, at = bytearray(data), 8
    while at + 12 <= len(made):
        length, = struct.unpack_from(">I", made, at)
        if at + 12 + length > len(made):
            break
        struct.pack_into(">I", made, at + 8 + length, zlib.crc32(made[at + 4:at + 8 + length]))
        at += 12 + length
    return bytes(made)
