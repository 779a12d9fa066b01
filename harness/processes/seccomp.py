"""System calls that are refused in a sandbox: what no answer needs, and what takes memory that nobody counts.

A program for the kernel's seccomp, as bubblewrap takes it: instructions of 8 bytes that look at a call's number, and allow it or
have it fail as if there were no such call. On other processors than those below there is none.
https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

import contextlib
import errno
import platform
import struct
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

from harness.processes.machine import PR_SET_PDEATHSIG

# AUDIT_ARCH_... of linux/audit.h, and the numbers of calls, of asm/unistd.h
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
REFUSED = {
    # other processes, the one that holds the sandbox among them
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272), "pidfd_getfd": (438, 438),
    # memory that is in no process
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    # keys of the user, which no namespace holds apart
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # the kernel's own
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "syslog": (103, 116),
    "kexec_load": (246, 104), "init_module": (175, 105), "finit_module": (313, 273), "acct": (163, 89), "quotactl": (179, 60),
    # other places
    "open_by_handle_at": (304, 265), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsmount": (432, 432),
    "mount_setattr": (442, 442),
}
PRCTL = (157, 167)              # with PR_SET_PDEATHSIG: a process that is to end with its parent is not to be talked out of it
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, FAIL = 0x7FFF0000, 0x00050000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16         # where they are in what a program looks at; both kinds have the low half first
OTHER_NUMBERS = 0x40000000      # from here on, x86_64 has its calls once more


def program(machine: str) -> bytes:
    """The instructions for a processor; empty where it has none."""
    if machine not in ARCHITECTURES:
        return b""
    which = list(ARCHITECTURES).index(machine)
    numbers = [pair[which] for pair in REFUSED.values()]
    # Jumps count instructions from the next one on. Last come: prctl's argument, allow, fail.
    end = 4 + len(numbers) + 1
    allow, fail = end + 2, end + 3
    lines = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 0, fail - 2, ARCHITECTURES[machine]), (LOAD, 0, 0, NUMBER),
             (AT_LEAST, fail - 4, 0, OTHER_NUMBERS)]
    lines += [(EQUAL, fail - 5 - i, 0, number) for i, number in enumerate(numbers)]
    lines += [(EQUAL, 0, allow - end, PRCTL[which]), (LOAD, 0, 0, FIRST_ARGUMENT), (EQUAL, fail - end - 2, 0, PR_SET_PDEATHSIG),
              (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, FAIL | errno.ENOSYS)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


@contextlib.contextmanager
def opened() -> Iterator[IO[bytes] | None]:
    """The program of this machine, to be read by who starts a sandbox; None where there is none."""
    found = program(platform.machine()) if sys.platform == "linux" else b""
    if not found:
        yield None
        return
    with tempfile.TemporaryFile() as file:
        file.write(found)
        file.seek(0)
        yield file
