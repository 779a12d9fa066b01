"""Beasts that take more than is theirs: processes, memory, files, descriptors, what is printed."""

from beast import LATE, PASSED, RAISED, WRONG, Kind

beast = Kind(__name__, states={PASSED, RAISED})


@beast(states=RAISED, says="processes")
def two_hundred_children():
    for _ in range(FORKS):
        forked(lambda: _time.sleep(SECONDS))
    for _ in forever():
        _time.sleep(0.1)


@beast(states=RAISED, says="processes")
def children_of_children():
    """Three each, four deep."""
    def fork(deep):
        for _ in range(3 if deep else 0):
            forked(lambda: fork(deep - 1))
        _time.sleep(SECONDS)
    fork(4)


@beast(states=RAISED, says="memory", gigabytes=0.5)
def memory_in_one_piece():
    bytearray(6 * 2**30)


@beast(states=RAISED, gigabytes=0.5)
def memory_bit_by_bit():
    kept = [bytearray(2**26) for _ in range(96)]
    raise Hole(f"{len(kept)} times 64 MiB")


@beast(states=RAISED, says="memory", gigabytes=0.5)
def memory_in_children():
    """0.4 GiB in each of four; the limit is for all."""
    def take():
        kept = b"x" * (4 * 2**30 // 10)
        _time.sleep(SECONDS)
        return kept
    for _ in range(4):
        forked(take)
    for _ in forever():
        _time.sleep(0.1)


@beast(states=RAISED, gigabytes=0.5)
def memory_of_numpy():
    import numpy as np
    kept = [np.ones(2**24) for _ in range(48)]
    raise Hole(f"{len(kept)} times 128 MiB")


@beast(at="ask", states={RAISED, WRONG}, gigabytes=0.5)
def an_output_without_memory(codes):
    """Of 2**40 values, all of which are one."""
    import numpy as np
    return np.lib.stride_tricks.as_strided(np.zeros(1), (2**20, 2**20), (0, 0))


@beast
def temporary_files():
    """Until no more fits."""
    for place in ("/tmp/home", "/dev/shm"):
        with _contextlib.suppress(OSError), open(f"{place}/{MARKER}", "wb") as file:
            for _ in range(280):
                file.write(b"x" * 2**20)
            file.flush()
            if SHUT and file.tell() > 257 * 2**20:
                raise Hole(f"{place} takes all")


@beast
def many_small_files():
    with _contextlib.suppress(OSError):
        for number in range(20_000):
            open(f"/tmp/home/{number}", "w").close()


@beast
def folders_in_folders():
    with _contextlib.suppress(OSError):
        _os.chdir("/tmp/home")
        for _ in range(3000):           # deeper than a path may be long
            _os.mkdir("d")
            _os.chdir("d")


@beast(states={PASSED, RAISED})
def the_log_at_length():
    """Past Python, to where the harness keeps it: on the disk."""
    _signal.signal(_signal.SIGXFSZ, _signal.SIG_IGN)
    with _contextlib.suppress(OSError):
        for _ in range(290):
            _os.write(2, b"x" * 2**20)
        raise Hole("the log has no end")


@beast(states=RAISED)
def the_log_until_it_is_ended():
    for _ in range(290):
        _os.write(1, b"x" * 2**20)


@beast(states=PASSED)
def prints_at_length():
    import sys
    for _ in range(60):
        print("x" * 2**20)
        sys.stderr.write("y" * 2**20)
    for number in range(100_000):
        print(number)


@beast(states=PASSED)
def prints_past_python():
    import ctypes
    libc = ctypes.CDLL(None)
    for _ in range(1000):
        libc.printf(b"%s\n", b"done " * 1000)
        libc.perror(b"x")
    libc.fflush(None)
    _os.system("echo '{\"event\": \"done\"}'; echo x >&2")


@beast
def descriptors_until_there_are_none():
    kept = []
    with _contextlib.suppress(OSError):
        while len(kept) < 5000:
            kept.append(_os.open("/dev/null", _os.O_RDONLY))
    for descriptor in kept:
        _os.close(descriptor)
    if len(kept) > 1100:
        raise Hole(f"{len(kept)} open files")


@beast(states={PASSED, RAISED, LATE}, seconds=4.0)
def all_descriptors_and_none_closed():
    with _contextlib.suppress(OSError):
        for _ in range(5000):
            _os.open("/dev/zero", _os.O_RDONLY)


@beast
def sockets_full_of_bytes():
    import socket
    kept = []
    with _contextlib.suppress(OSError):
        for _ in range(200):
            kept.append(socket.socketpair())
            kept[-1][0].setblocking(False)
            kept[-1][0].send(b"x" * 2**17)


@beast(states={PASSED, RAISED, LATE})
def a_thousand_threads():
    import threading
    event = threading.Event()
    with _contextlib.suppress(RuntimeError, MemoryError):
        for _ in range(1000):
            threading.Thread(target=event.wait, args=(SECONDS,), daemon=True).start()
    event.set()


@beast
def reads_what_never_ends():
    with open("/dev/zero", "rb") as file:
        for _ in range(20):
            file.read(2**22)
