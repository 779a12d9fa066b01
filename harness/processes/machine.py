"""What a process may take of the machine: cores, the threads of all pools, memory."""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

import harness

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
                    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
PR_SET_PDEATHSIG = 1    # prctl(2)
PACKAGE = Path(harness.__file__).resolve().parent.parent        # the folder that ``import harness`` finds it in


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def environment(threads: int) -> dict[str, str]:
    """For a worker: every thread pool at ``threads`` (OpenBLAS, oneDNN and TensorFlow each spin their own), no GPU."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1",
             "PYTHONUNBUFFERED": "1",
             "PYTHONPATH": os.pathsep.join(p for p in (str(PACKAGE), os.environ.get("PYTHONPATH")) if p)}
    return {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads)), **quiet}


def end_with_parent() -> None:
    """Let the kernel end this process when the thread that started it ends, also in code that never lets go; on Linux."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def limit_files(gigabytes: float, number: int) -> None:
    """Let no file that this process writes grow beyond that (what it prints goes to one), let it have so many open, and none be
    written of its memory as it dies: the system may have that done outside of a sandbox."""
    _limit("FSIZE", int(gigabytes * 2**30))
    _limit("NOFILE", number)
    _limit("CORE", 0)


def limit_memory(gigabytes: float) -> None:
    """Let this process ask for so much more than it has now; where the system can."""
    with contextlib.suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _limit("AS", pages * os.sysconf("SC_PAGE_SIZE") + int(gigabytes * 2**30))


def _limit(what: str, most: int) -> None:
    """For good, where the system can."""
    try:
        import resource
    except ImportError:
        return
    number = getattr(resource, f"RLIMIT_{what}")
    _, hard = resource.getrlimit(number)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(number, (most, most))
