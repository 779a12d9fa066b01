"""Beasts that reach for the network, for devices, and for what never ends.

The answer below is right, so that it passes where the beast found nothing; what it finds it says: HOLE.
"""

from beast import PASSED, Kind

beast = Kind(__name__, states=PASSED)


@beast
def the_network():
    import socket
    for kind, address in ((socket.AF_INET, ("127.0.0.1", int(PORT))), (socket.AF_INET, ("1.1.1.1", 53)), (socket.AF_INET6, ("::1", int(PORT))),
                          (socket.AF_UNIX, f"\0{MARKER}"), (socket.AF_UNIX, f"{CANARY}/socket"), (socket.AF_UNIX, "/var/run/docker.sock"),
                          (socket.AF_UNIX, "/run/dbus/system_bus_socket")):
        with _contextlib.suppress(OSError), socket.socket(kind) as one_socket:
            one_socket.settimeout(1)
            one_socket.connect(address)
            raise Hole(f"{address} answers")
    with _contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one_socket:
        one_socket.sendto(b"zoo", ("1.1.1.1", 53))
        raise Hole("a packet leaves")
    with _contextlib.suppress(OSError):
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        raise Hole("raw sockets")


@beast
def names_of_the_network():
    import socket
    socket.setdefaulttimeout(1)
    with _contextlib.suppress(OSError):
        socket.getaddrinfo("example.org", 80)
        raise Hole("a name is looked up")


@beast
def devices():
    allowed = {"null", "zero", "full", "random", "urandom", "tty", "shm", "pts", "ptmx", "fd", "stdin", "stdout", "stderr", "core", "console", "mqueue"}
    if more := set(_os.listdir("/dev")) - allowed:
        raise Hole(f"devices {more}")
    with _contextlib.suppress(OSError):
        _os.mknod(f"/tmp/{MARKER}", 0o600 | 0o60000, _os.makedev(254, 0))
        raise Hole("devices can be made")
    with _contextlib.suppress(OSError):
        open("/dev/tty").close()
        raise Hole("a terminal")


@beast
def links_and_pipes_to_nowhere():
    """Made where files may be made; the judge must not read them."""
    home = f"{_os.environ['HOME']}/{len(_os.listdir(_os.environ['HOME']))}"        # another one for float32
    _os.mkdir(home)
    for number, target in enumerate(("/dev/zero", "/dev/random", "/proc/self/mem", "/proc/kcore", f"{home}/loop")):
        _os.symlink(target, f"{home}/link{number}")
    _os.symlink(f"{home}/loop", f"{home}/loop")
    _os.mkfifo(f"{home}/fifo")
    folder = _os.path.dirname(__file__)
    with _contextlib.suppress(OSError):
        _os.unlink(__file__)
        _os.symlink("/dev/zero", __file__)
        raise Hole(f"{folder} can be written")
