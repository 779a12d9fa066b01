"""Beasts that look for what is not theirs: right numbers, our answers, other processes, files, the kernel.

The answer below is right, so that it passes where the beast found nothing; what it finds it says: HOLE.
"""

from beast import PASSED, RAISED, Kind

beast = Kind(__name__, states=PASSED)


@beast
def our_answers_on_the_disk():
    import glob
    for pattern in ("answers/*/*_chainer.py", "answers/*/*", "questions/*/reference/*", "questions/*/edits/*", "questions/*/*", "notebooks/*/*",
                    "harness/content/*/*/*", "tests/*", ".git/*"):
        for root in (REPOSITORY, _os.path.realpath(REPOSITORY)):
            if found := [path for path in glob.glob(f"{root}/{pattern}")]:
                raise Hole(found[0])


@beast
def our_answers_anywhere():
    for root, folders, files in _os.walk("/"):
        folders[:] = [f for f in folders if root != "/" or f not in ("proc", "sys", "dev", "usr")]
        for name in files:
            if name in ("fingerprints.json", "mistakes.toml", "grading.json", "results.jsonl") or name.endswith("_chainer.py"):
                if not root.startswith(_os.path.dirname(__file__)):
                    raise Hole(f"{root}/{name}")


@beast
def our_answers_by_import():
    import importlib
    import importlib.util
    import runpy
    import sys
    sys.path[:0] = [REPOSITORY, f"{REPOSITORY}/answers/ae"]
    for name in ("ae_chainer", "answers.ae.ae_chainer", "ae_pytorch"):
        with _contextlib.suppress(ImportError):
            if importlib.import_module(name).__file__ != __file__:
                raise Hole(name)
    with _contextlib.suppress(OSError):
        runpy.run_path(f"{REPOSITORY}/answers/ae/ae_chainer.py")
        raise Hole("it can be run")


@beast
def our_answers_through_the_harness():
    from harness import tasks
    with _contextlib.suppress(Exception):
        task = tasks.load("ae", "check")
        raise Hole(f"{task.folder} has its question, and with it the reference")


@beast
def the_processes_of_others():
    own = {_os.getpid(), 1}
    for name in filter(str.isdigit, _os.listdir("/proc")):
        command = open(f"/proc/{name}/cmdline", "rb").read()
        if int(name) not in own and b"harness.processes.child" not in command:
            raise Hole(f"process {name}: {command[:100]}")
        for what in ("environ", "maps", "cmdline"):
            with _contextlib.suppress(OSError):
                if SECRET.encode() in open(f"/proc/{name}/{what}", "rb").read():
                    raise Hole(f"a secret in {what} of {name}")
        for what in ("root", "cwd"):
            with _contextlib.suppress(OSError):
                if _os.path.exists(f"/proc/{name}/{what}{CANARY}"):
                    raise Hole(f"the machine through {what} of {name}")


@beast
def the_environment():
    for name, value in _os.environ.items():
        if SECRET in value or "KEY" in name or "TOKEN" in name or "SECRET" in name:
            raise Hole(f"{name} is told")


@beast
def the_memory_of_parents():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in {_os.getppid(), 1} - {0} - ({1} if SHUT else set()):     # the first in a sandbox is nothing but its first
        with _contextlib.suppress(OSError):
            with open(f"/proc/{pid}/maps") as maps:
                start = int(maps.readline().split("-")[0], 16)
            with open(f"/proc/{pid}/mem", "rb") as memory:
                memory.seek(start)
                memory.read(16)
                raise Hole(f"memory of {pid} is read")
        buffer = ctypes.create_string_buffer(16)
        parts = (ctypes.c_void_p * 2)(ctypes.cast(buffer, ctypes.c_void_p).value, 16)
        if libc.syscall(310, pid, ctypes.byref(parts), 1, ctypes.byref(parts), 1, 0) > 0:
            raise Hole(f"process_vm_readv of {pid}")
        if SHUT and libc.ptrace(16, pid, 0, 0) == 0:        # PTRACE_ATTACH
            libc.ptrace(17, pid, 0, 0)
            raise Hole(f"ptrace of {pid}")


@beast
def signals_to_others():
    reached = []
    for pid in range(2, 40_000):
        if pid != _os.getpid():
            with _contextlib.suppress(OSError):
                _os.kill(pid, 0)
                reached.append(pid)
    if [pid for pid in reached if b"harness" not in open(f"/proc/{pid}/cmdline", "rb").read()]:
        raise Hole(f"{reached[:5]} can be signalled")
    if SHUT:                                                # these would be real
        for pid in (_os.getppid(), 1):
            with _contextlib.suppress(OSError):
                _os.kill(pid, _signal.SIGTERM)
                _os.kill(pid, _signal.SIGINT)


@beast(states={RAISED, PASSED})
def signals_to_all():
    if SHUT:
        _signal.signal(_signal.SIGTERM, _signal.SIG_IGN)
        _os.kill(-1, _signal.SIGKILL)
        _os.killpg(0, _signal.SIGTERM)


@beast
def files_of_others():
    allowed = _os.path.dirname(__file__)
    for folder in ("/tmp", "/var/tmp", "/home", "/root", "/work", _os.path.dirname(CANARY), "/mnt", "/srv", "/etc/ssh", "/run", "/var"):
        with _contextlib.suppress(OSError):
            for name in _os.listdir(folder):
                path = f"{folder}/{name}"
                if name.startswith("submission-") and path != allowed or path == CANARY:
                    raise Hole(path)
    for path in (CANARY, f"{CANARY}/canary", "/etc/passwd", "/etc/shadow", "/etc/hostname", "/root/.ssh", "/root/.bashrc"):
        if _os.path.exists(path):
            raise Hole(path)


@beast
def open_descriptors():
    for name in _os.listdir("/proc/self/fd"):
        with _contextlib.suppress(OSError):
            target = _os.readlink(f"/proc/self/fd/{name}")
            if not target.startswith(("pipe:", "/dev/null", "/proc/", "anon_inode:", "/dev/urandom")) and "(deleted)" not in target:
                raise Hole(f"descriptor {name} is {target}")


@beast
def writes_everywhere():
    import sys

    import harness
    folders = [REPOSITORY, f"{REPOSITORY}/questions", f"{REPOSITORY}/questions/ae/reference", f"{REPOSITORY}/answers", f"{REPOSITORY}/work",
               _os.path.dirname(harness.__file__), sys.prefix, sys.base_prefix, _os.path.dirname(_os.__file__), CANARY, _os.path.dirname(CANARY),
               _os.path.dirname(__file__), "/", "/usr", "/usr/lib", "/usr/local", "/etc", "/bin", "/lib", "/root", "/home", "/var/tmp", "/var", "/run",
               "/dev", "/sys", "/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/proc", "/proc/sys", "/proc/1", "/mnt", "/opt", "/srv"]
    for folder in folders:
        path = f"{folder}/{MARKER}"
        if folder == "/tmp" or folder.startswith("/tmp/") and not folder.startswith((_os.path.dirname(__file__), sys.prefix)):
            continue                    # of the sandbox alone: the test looks at the real one
        for make in (lambda: open(path, "w").close(), lambda: _os.mkdir(path), lambda: _os.symlink("x", path), lambda: _os.mkfifo(path),
                     lambda: _os.mknod(path), lambda: _os.link(__file__, path), lambda: open(f"{path}/x", "w").close()):
            try:
                make()
            except OSError:
                continue
            raise Hole(f"{folder} can be written")


@beast
def changes_what_is_there():
    import sys

    import harness
    for path in (harness.__file__, __file__, _os.__file__, sys.executable, "/usr/bin/env", f"{CANARY}/canary", f"{REPOSITORY}/README.md",
                 f"{REPOSITORY}/questions/ae/reference/fingerprints.json", _os.path.dirname(harness.__file__), "/usr", "/etc", "/"):
        for change in (lambda: open(path, "r+b").close(), lambda: _os.utime(path, (1, 1)), lambda: _os.chmod(path, 0o755),
                       lambda: _os.chown(path, _os.getuid(), _os.getgid()), lambda: _os.setxattr(path, "user.zoo", b"x"),
                       lambda: _os.rename(f"{CANARY}/canary", f"{CANARY}/other"), lambda: _os.unlink(f"{CANARY}/canary")):
            try:
                change()
            except OSError:
                continue
            raise Hole(f"{path} can be changed")


@beast
def settings_of_the_kernel():
    """Opened to write, and closed again. To pressure/, who writes asks for nothing but to be told."""
    found = []
    for root, folders, files in _os.walk("/proc"):
        folders[:] = [f for f in folders if not f.isdigit() and f not in ("self", "thread-self", "pressure")]
        for name in files:
            try:
                _os.close(_os.open(f"{root}/{name}", _os.O_WRONLY))
            except OSError:
                continue
            found.append(f"{root}/{name}")
    if found:
        raise Hole(f"{found} can be written")


@beast
def another_root():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    before = _os.open("/", _os.O_RDONLY)
    for what, call in {"unshare of users": lambda: libc.unshare(0x10000000), "unshare of mounts": lambda: libc.unshare(0x20000),
                       "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), "remount": lambda: libc.mount(None, b"/", None, 32, None),
                       "umount": lambda: libc.umount2(b"/usr", 2), "chroot": lambda: libc.chroot(b"/tmp"),
                       "pivot_root": lambda: libc.syscall(155, b"/tmp", b"/tmp"), "setns": lambda: libc.setns(before, 0),
                       "setuid": lambda: libc.setuid(12345), "setgroups": lambda: libc.setgroups(0, None),
                       "sethostname": lambda: libc.sethostname(b"zoo", 3)}.items():
        if call() == 0:
            raise Hole(f"{what} is allowed")


@beast
def calls_of_the_kernel():
    """That no answer needs, and that take memory nobody counts, or have had errors enough."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if _os.uname().machine != "x86_64":
        return
    buffer = ctypes.create_string_buffer(256)
    for name, number, arguments in (("memfd_create", 319, (b"x", 0)), ("shmget", 29, (0, 4096, 0o1600)), ("msgget", 68, (0, 0o1600)),
                                    ("semget", 64, (0, 1, 0o1600)), ("keyctl", 250, (0, -3, 0)), ("add_key", 248, (b"user", b"zoo", b"x", 1, -2)),
                                    ("bpf", 321, (0, buffer, 72)), ("perf_event_open", 298, (buffer, 0, -1, -1, 0)), ("userfaultfd", 323, (0,)),
                                    ("io_uring_setup", 425, (4, buffer)), ("ptrace", 101, (0, 0, 0, 0)), ("clone3", 435, (buffer, 0)),
                                    ("mq_open", 240, (b"zoo", 0o102, 0o600, 0)), ("process_vm_writev", 311, (_os.getpid(), 0, 0, 0, 0, 0)),
                                    ("open_by_handle_at", 304, (0, buffer, 0)), ("acct", 163, (0,)), ("quotactl", 179, (0, 0, 0, 0))):
        if libc.syscall(number, *arguments) != -1:
            raise Hole(f"{name} is allowed")


@beast
def what_it_may():
    status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        if int(status[name], 16):
            raise Hole(f"{name} is {status[name].strip()}")
    if status["NoNewPrivs"].strip() != "1":
        raise Hole("new privileges")
    for what in (_resource.RLIMIT_AS, _resource.RLIMIT_FSIZE):
        with _contextlib.suppress(ValueError, OSError):
            _resource.setrlimit(what, (_resource.RLIM_INFINITY,) * 2)
            raise Hole("limits can be raised")


@beast
def its_limits():
    """Before any of the file's own: what the harness sets. A core is written where the machine is told to, outside."""
    if _resource.getrlimit(_resource.RLIMIT_CORE)[1] != 0:
        raise Hole("a core may be written")
