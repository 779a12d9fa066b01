"""The IDX format of MNIST: big-endian header, then the numbers, the last index running fastest.

    2 bytes 0, 1 byte type (8: unsigned byte), 1 byte number of dimensions n, n times 4 bytes size, then the data

Source: http://yann.lecun.com/exdb/mnist/
"""

import gzip
import math
import struct
import zlib

import numpy as np

from .base import DataError

UNSIGNED_BYTE = 8
GZIP_MAGIC = b"\x1f\x8b"


def read(path, dimensions):
    """Read an IDX file of unsigned bytes, gzipped or plain, with that many dimensions: a uint8 array, read-only.

    Raises DataError if the file cannot be read, is damaged, or is not what was asked for.
    """
    try:
        data = path.read_bytes()
        if data.startswith(GZIP_MAGIC):
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read ({error}); get the file again") from error
    expected = bytes((0, 0, UNSIGNED_BYTE, dimensions))
    start = 4 + 4 * dimensions
    if data[:4] != expected or len(data) < start:
        raise DataError(f"{path}: begins with {data[:4].hex() or 'nothing'}, expected {expected.hex()} (IDX with "
                        f"{dimensions} dimensions) and its sizes; is this the right file?")
    shape = struct.unpack_from(f">{dimensions}I", data, 4)
    if len(data) - start != math.prod(shape):
        raise DataError(f"{path}: header says {' x '.join(map(str, shape))} = {math.prod(shape)} bytes, "
                        f"{len(data) - start} follow; get the file again")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
