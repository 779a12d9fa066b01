"""What is in the sandbox, what is not, and that nothing leaves it."""

import errno
import os
import platform
import struct
import subprocess
import sys
import time

import pytest
from running import gone

from harness.processes import sandbox, seccomp, tree
from harness.processes.machine import environment
from harness.processes.sandbox import Sandbox
from harness.tasks import ROOT

pytestmark = pytest.mark.skipif(bool(sandbox.why_not()), reason=f"no sandbox: {sandbox.why_not()}")


def inside(code, shut=None, **more):
    """What ``code`` prints in a sandbox."""
    with seccomp.opened() as rules:
        descriptors = [rules.fileno()] if rules else []
        command, variables = (shut or Sandbox()).around([sys.executable, "-c", code], {**environment(1), "SECRET": "x", "LD_PRELOAD": "/no.so"},
                                                        *descriptors)
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, pass_fds=descriptors, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_python_numpy_and_the_harness_are_there():
    assert inside("import numpy, harness.runner.bench, harness.training.contract; print(numpy.arange(3).sum())") == "3"


def test_no_content_of_ours_is_there():
    code = f"import os; print([os.path.exists(os.path.join({str(ROOT)!r}, name)) for name in ('answers', 'questions', 'tests', '.git')])"
    assert inside(code) == "[False, False, False, False]"


def test_what_is_shown_is_read_only_and_what_is_hidden_is_empty(tmp_path):
    (tmp_path / "answers").mkdir(), (tmp_path / "answers" / "vae.py").write_text("right")
    (tmp_path / "mine.py").write_text("x = 1")
    shut = Sandbox((tmp_path,), (tmp_path / "answers",))
    code = f"""
import os
from pathlib import Path
folder = Path({str(tmp_path)!r})
print((folder / 'mine.py').read_text(), os.listdir(folder / 'answers'))
for path in (folder / 'new', folder / 'mine.py', folder / 'answers' / 'new', Path('/new'), Path('/usr/new'), Path('/dev/new'), Path('/etc/new')):
    try:
        path.write_text('y')
        print('WROTE', path)
    except OSError:
        pass
"""
    assert inside(code, shut) == "x = 1 []"
    assert (tmp_path / "mine.py").read_text() == "x = 1" and not (tmp_path / "new").exists()


def test_what_is_hidden_is_so_by_the_name_of_a_link_too(tmp_path, monkeypatch):
    """As where .venv is a link, the program is installed in it, and its content with it."""
    (tmp_path / "real" / "content").mkdir(parents=True), (tmp_path / "real" / "content" / "vae.py").write_text("right")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    shut = Sandbox((tmp_path / "link",), (tmp_path / "real" / "content",))
    assert inside(f"import os; print(os.listdir({str(tmp_path / 'link')!r}), os.listdir({str(tmp_path / 'link' / 'content')!r}))", shut) == \
        "['content'] []"


def test_settings_of_the_kernel_are_not_written():
    """As root, they are files of its own."""
    code = """
import os
for root, _, files in os.walk('/proc/sys'):
    for name in files:
        try:
            os.close(os.open(f'{root}/{name}', os.O_WRONLY))
            print(root, name)
        except OSError:
            pass
"""
    assert inside(code) == ""


@pytest.mark.skipif(platform.machine() not in seccomp.ARCHITECTURES, reason="no numbers of system calls for this processor")
def test_calls_that_are_refused():
    """The first and the last of the table, memory that nobody counts, prctl's one; others of prctl and all the rest go on."""
    which = list(seccomp.ARCHITECTURES).index(platform.machine())
    numbers = [seccomp.REFUSED[name][which] for name in ("ptrace", "memfd_create", "shmget", "mount_setattr")]
    code = f"""
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
for number in {numbers}:
    print(libc.syscall(number, 0, 0, 0, 0, 0), errno.errorcode[ctypes.get_errno()])
print(libc.prctl(1, 0, 0, 0, 0), errno.errorcode[ctypes.get_errno()], libc.prctl(15, b'zoo', 0, 0, 0), libc.prctl(38, 1, 0, 0, 0))
"""
    assert inside(code).splitlines() == ["-1 ENOSYS"] * 4 + ["-1 ENOSYS 0 0"]


def test_rules_are_whole():
    """Every jump of the program ends within it, at one of its two ends or at the next instruction."""
    for machine in seccomp.ARCHITECTURES:
        lines = list(struct.iter_unpack("HBBI", seccomp.program(machine)))
        allow, fail = len(lines) - 2, len(lines) - 1
        assert lines[allow][3] == seccomp.ALLOW and lines[fail][3] == seccomp.FAIL | errno.ENOSYS
        for at, (code, yes, no, _) in enumerate(lines):
            if code in (seccomp.EQUAL, seccomp.AT_LEAST):
                assert {at + 1 + yes, at + 1 + no} <= {at + 1, allow, fail}
    assert seccomp.program("a processor of tomorrow") == b""


def test_home_is_empty_and_small_files_may_be_written_there():
    assert inside("import os; from pathlib import Path; print(os.listdir(Path.home())); (Path.home() / 'a').write_text('b')") == "[]"


def test_no_variable_of_ours_no_user_no_other_process_no_network():
    code = """
import os, socket
print(os.environ.get('SECRET'), os.environ.get('LD_PRELOAD'), sum(name.isdigit() for name in os.listdir('/proc')) <= 3)
try:
    socket.create_connection(('127.0.0.1', 22), 1)
except OSError as error:
    print(type(error).__name__)
print(socket.if_nameindex())
"""
    lines = inside(code).splitlines()
    assert lines[0] == "None None True" and lines[1] in ("ConnectionRefusedError", "OSError") and "'lo'" in lines[2] and lines[2].count("(") == 1


def test_the_folder_one_is_in_shadows_nothing(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    assert inside("import json; print('ours')") == "ours"


def test_all_ends_with_it():
    code = """
import subprocess, os, sys
child = subprocess.Popen(['sh', '-c', 'setsid sleep 4242 & sleep 4242'], start_new_session=True)
print('ready', flush=True)
import time
time.sleep(60)
"""
    command, variables = Sandbox().around([sys.executable, "-c", code], environment(1))
    process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    everyone = tree.members(process.pid)
    assert len(everyone) >= 4
    tree.kill(process.pid)
    process.wait(timeout=20)
    assert gone(*everyone)


def test_without_bubblewrap_it_is_said_why(monkeypatch):
    sandbox.why_not.cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")
    assert "not installed" in sandbox.why_not()
    sandbox.why_not.cache_clear()


def test_a_sandbox_that_does_not_start_is_none(monkeypatch, tmp_path):
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    sandbox.why_not.cache_clear()
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert "No permissions to create a new namespace" in sandbox.why_not()
    sandbox.why_not.cache_clear()
