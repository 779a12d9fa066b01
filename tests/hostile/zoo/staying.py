"""Beasts that leave processes and threads behind. The answer below is right and passes; all ends with it."""

from beast import LATE, PASSED, RAISED, Kind

beast = Kind(__name__, states=PASSED)


@beast
def a_child():
    forked(lambda: _time.sleep(SECONDS))


@beast
def a_child_of_a_child_in_a_session_of_its_own():
    def daemon():
        _os.setsid()
        forked(lambda: _time.sleep(SECONDS))
    _os.waitpid(forked(daemon), 0)


@beast
def a_daemon_without_descriptors():
    def daemon():
        _os.setsid()
        _os.closerange(0, 4096)
        forked(lambda: _time.sleep(SECONDS))
    _os.waitpid(forked(daemon), 0)


@beast
def a_job_of_a_shell():
    _os.system(f"(nohup sleep {SECONDS} >/dev/null 2>&1 &)")
    _os.system(f"setsid sh -c 'trap \"\" TERM INT HUP; sleep {SECONDS}' </dev/null >/dev/null 2>&1 &")


@beast
def a_child_that_holds_the_pipes():
    import subprocess
    subprocess.Popen(["sleep", str(SECONDS)], close_fds=False, pass_fds=pipes())


@beast
def children_that_hear_no_signal():
    def deaf():
        for number in range(1, 65):
            with _contextlib.suppress(OSError, ValueError):
                _signal.signal(number, _signal.SIG_IGN)
        for _ in forever():
            _time.sleep(0.2)
    for _ in range(5):
        forked(deaf)


@beast
def a_child_that_is_stopped():
    forked(lambda: _os.kill(_os.getpid(), _signal.SIGSTOP))


@beast
def two_that_start_each_other():
    """The one anew when the other one ends: fifty times in all."""
    def watch(left):
        _os.setsid()
        while left and _time.monotonic() < ENDS:
            left -= 1
            _os.waitpid(forked(lambda: _time.sleep(0.1)), 0)
    forked(lambda: watch(50))


@beast
def forks_as_it_is_ended():
    def fork(number, frame):
        forked(lambda: _time.sleep(SECONDS))
    for number in (_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP, _signal.SIGCONT):
        _signal.signal(number, fork)


@beast
def zombies():
    for _ in range(30):
        forked(lambda: None)


@beast
def threads_without_end():
    import threading
    for _ in range(5):
        threading.Thread(target=lambda: [_time.sleep(0.05) for _ in forever()], daemon=False).start()


@beast
def an_end_without_end():
    """What atexit and __del__ do is not waited for."""
    import atexit

    class Slow:
        def __del__(self):
            for _ in forever():
                pass

    atexit.register(lambda: [_time.sleep(0.1) for _ in forever()])
    globals()["kept"] = Slow()


@beast(states={PASSED, RAISED, LATE})
def multiprocessing_left_open():
    import multiprocessing
    context = multiprocessing.get_context("fork")
    for _ in range(3):
        context.Process(target=_time.sleep, args=(SECONDS,), daemon=False).start()


@beast(at="step")
def a_child_at_each_step(losses):
    forked(lambda: _time.sleep(SECONDS))
