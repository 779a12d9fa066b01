"""A sandbox for the process that runs a learner's code: bubblewrap, where it is there and the system allows it.

In it there are Python with its packages, the harness without its content, and the folders it is told to show, all
read-only; an empty home and a small /tmp that vanish with it; no network, no other process, no variable of ours. All
processes in it end with the first. https://github.com/containers/bubblewrap
"""

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.processes import seccomp
from harness.processes.machine import PACKAGE, THREAD_VARIABLES

PROGRAM = "bwrap"
HOME = "/tmp/home"
TEMPORARY = 256 * 2**20         # bytes that may be written to /tmp, and to shared memory
SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
          "/etc/alternatives", "/etc/localtime")
PASSED = (*THREAD_VARIABLES, "LANG", "LC_ALL", "TZ", "TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND", "CUDA_VISIBLE_DEVICES",
          "PYTHONUNBUFFERED")   # of the variables that a worker has


@dataclass(frozen=True)
class Sandbox:
    """``shown``: files and folders that are there besides, read-only. ``hidden``: folders that are empty, whatever shows them."""

    shown: tuple[Path, ...] = ()
    hidden: tuple[Path, ...] = ()

    def around(self, command: list[str], variables: Mapping[str, str], rules: int | None = None) -> tuple[list[str], dict[str, str]]:
        """(the command that runs ``command`` in the sandbox, its environment); ``rules``: a descriptor of ``seccomp.opened``."""
        options = ["--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
                   "--hostname", "sandbox"]
        options += _system()
        places = _outermost([*_python(), *self.shown])
        options += _bound(path for path in places if not path.is_relative_to("/tmp"))
        # To root, even without its powers, the settings of the kernel are files of its own.
        options += ["--proc", "/proc", "--ro-bind-try", "/proc/sys", "/proc/sys", "--dev", "/dev", "--size", str(TEMPORARY),
                    "--tmpfs", "/dev/shm", "--remount-ro", "/dev", "--size", str(TEMPORARY), "--tmpfs", "/tmp", "--dir", HOME]
        options += _bound(path for path in places if path.is_relative_to("/tmp"))
        for folder in self._masked(places):             # last, since they may lie in anything
            options += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
        options += ["--remount-ro", "/", "--chdir", HOME]
        options += ["--seccomp", str(rules)] if rules is not None else []
        kept = {name: variables[name] for name in PASSED if name in variables}
        kept |= {"HOME": HOME, "USER": "learner", "PATH": os.defpath, "PYTHONPATH": str(PACKAGE), "PYTHONNOUSERSITE": "1",
                 "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"}
        return [program() or PROGRAM, *options, "--", *command], kept

    def _masked(self, places: list[Path]) -> list[Path]:
        """``hidden`` by all names that it would have: a place may be the name of a link to where it lies."""
        return [place / folder.resolve().relative_to(place.resolve()) for folder in self.hidden for place in places
                if folder.is_dir() and folder.resolve().is_relative_to(place.resolve())]


def _system() -> list[str]:
    options = []
    for name in SYSTEM:
        if os.path.islink(name):        # /lib -> usr/lib
            options += ["--symlink", os.readlink(name), name]
        elif os.path.exists(name):
            options += ["--ro-bind", name, name]
    return options


def _bound(paths: Iterable[Path]) -> list[str]:
    """By the names they have here, links (.venv -> elsewhere) too."""
    return [option for path in paths if path.exists() for option in ("--ro-bind", str(path), str(path))]


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Without those that lie in another one."""
    every = set(paths)
    return sorted(path for path in every if not any(path != other and path.is_relative_to(other) for other in every))


@functools.cache
def _python() -> tuple[Path, ...]:
    """Where this Python and its packages are, and the harness."""
    places = {sys.prefix, sys.base_prefix, *(sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib"))}
    found = {Path(place) for place in places} | {Path(sys.executable).resolve().parents[1], PACKAGE / "harness"}
    return tuple(path for path in found if not path.is_relative_to("/usr"))


def program() -> str | None:
    """Where bubblewrap is, or None."""
    return shutil.which(PROGRAM)


def name() -> str:
    """What a process is shut into on this machine, or why into nothing."""
    return f"none: {why_not()}" if why_not() else "bubblewrap"


@functools.cache
def why_not() -> str:
    """Why there is no sandbox on this machine; empty if there is one. Tried once."""
    if sys.platform != "linux":
        return "bubblewrap is for Linux alone"
    if not program():
        return "bubblewrap is not installed (Debian, Ubuntu: apt install bubblewrap)"
    try:
        with seccomp.opened() as rules:
            descriptors = [rules.fileno()] if rules else []
            command, variables = Sandbox().around(["/usr/bin/env", "true"], {}, *descriptors)
            tried = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
                                   pass_fds=descriptors)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start: {error}"
    return "" if tried.returncode == 0 else f"bubblewrap does not start: {' '.join(tried.stderr.split())[:200]}"
