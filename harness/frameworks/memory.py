"""What is freed stays with the process: a training step asks for the same large arrays as the step before it."""

import contextlib
import ctypes
import sys

# mallopt(3), of the GNU C library
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4


def keep_freed() -> None:
    """Let malloc take large arrays from memory that was freed before, and give none back to the system.

    By default it maps anew what is larger than 32 MB at most, and unmaps it when it is freed. The system then clears each page at its
    first touch, which takes longer than a ReLU or an addition that fills it. Where there is another C library, nothing is done.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(M_MMAP_MAX, 0)
            mallopt(M_TRIM_THRESHOLD, -1)
