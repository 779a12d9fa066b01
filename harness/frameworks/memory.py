"""What is freed stays with the process: a training step asks for the same large arrays as the step before it."""

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from typing import Any

# mallopt(3), of the GNU C library; what is set afterwards is what it comes to by itself where arrays are large
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_MMAP_MAX = -1, -3, -4
USUAL = {M_MMAP_MAX: 65536, M_MMAP_THRESHOLD: 32 << 20, M_TRIM_THRESHOLD: 64 << 20}


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Let malloc take large arrays from memory that was freed before, and give none back to the system, as long as this lasts.

    By default it maps anew what is larger than 32 MB at most, and unmaps it when it is freed. The system then clears each page at its
    first touch, which takes longer than a ReLU or an addition that fills it. Where there is another C library, nothing is done.
    """
    library: Any = ctypes.CDLL(None) if sys.platform == "linux" else None
    if not hasattr(library, "mallopt"):
        yield
        return
    library.mallopt(M_MMAP_MAX, 0)
    library.mallopt(M_TRIM_THRESHOLD, -1)
    try:
        yield
    finally:
        for what, value in USUAL.items():
            library.mallopt(what, value)
        library.malloc_trim(0)
