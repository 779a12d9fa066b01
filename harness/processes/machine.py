"""What a process may take of the machine: cores, the threads of all pools, memory."""

import os
from pathlib import Path

import harness

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
                    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
PACKAGE = Path(harness.__file__).resolve().parent.parent        # the folder that ``import harness`` finds it in


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def environment(threads: int) -> dict[str, str]:
    """For a worker: every thread pool at ``threads`` (OpenBLAS, oneDNN and TensorFlow each spin their own), no GPU."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1",
             "PYTHONUNBUFFERED": "1", "PYTHONPATH": os.pathsep.join(p for p in (str(PACKAGE), os.environ.get("PYTHONPATH")) if p)}
    return {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads)), **quiet}


def limit_memory(gigabytes: float) -> None:
    """Let this process ask for so much more than it has now; where the system can."""
    try:
        import resource
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + int(gigabytes * 2**30), hard))
