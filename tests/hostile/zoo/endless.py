"""Beasts that come to no end, each in another way. The answer below is right: it is the time that fails them."""

from beast import LATE, PASSED, RAISED, Kind

beast = Kind(__name__, states=LATE, seconds=4.0)


@beast
def as_it_is_imported():
    for _ in forever():
        pass


@beast(at="build")
def as_it_is_built(answer):
    for _ in forever():
        pass


@beast(at="step")
def as_it_steps(losses):
    for _ in forever():
        pass


@beast(at="ask")
def as_it_is_asked(codes):
    for _ in forever():
        pass


@beast
def asleep():
    _time.sleep(SECONDS)


@beast
def in_c():
    """Where no other thread runs, and no signal of Python's is heard."""
    sum(range(10**12))


@beast
def in_numpy():
    import numpy as np
    a = np.ones((600, 600))
    for _ in forever():
        a @ a


@beast
def in_an_expression():
    import re
    re.match(r"(a+)+$", "a" * 60 + "b")


@beast
def in_a_large_power():
    _os.environ["kept"] = str(len(str(7 ** (7 ** 9))))


@beast
def in_del():
    class Slow:
        def __del__(self):
            for _ in forever():
                pass
    Slow()


@beast
def in_a_handler_of_signals():
    def handler(number, frame):
        for _ in forever():
            _time.sleep(0.1)
    _signal.signal(_signal.SIGUSR1, handler)
    _os.kill(_os.getpid(), _signal.SIGUSR1)


@beast
def deaf():
    for number in range(1, 65):
        with _contextlib.suppress(OSError, ValueError):
            _signal.signal(number, _signal.SIG_IGN)
    for _ in forever():
        _time.sleep(0.1)


@beast
def stopped():
    _os.kill(_os.getpid(), _signal.SIGSTOP)


@beast
def in_its_exception():
    class Slow(Exception):
        def __str__(self):
            for _ in forever():
                _time.sleep(0.1)
    raise Slow


@beast(at="step")
def in_the_value_of_a_loss(losses):
    class Slow(chainer.Variable):
        array = property(lambda self: [_time.sleep(0.1) for _ in forever()], lambda self, value: None)
    return {"mse": Slow()}


@beast
def catches_its_end():
    while _time.monotonic() < ENDS:
        try:
            for _ in forever():
                _time.sleep(0.1)
        except BaseException:
            continue


@beast
def a_lock():
    import threading
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=SECONDS)


@beast
def the_lock_of_imports():
    import _imp
    import threading
    held = threading.Event()

    def hold():
        _imp.acquire_lock()
        held.set()
        _time.sleep(SECONDS)

    threading.Thread(target=hold, daemon=True).start()
    held.wait()
    import colorsys


@beast
def reads_its_own_pipe():
    ends = _os.pipe()
    _os.read(ends[0], 1)


@beast(states={LATE, RAISED})
def reads_the_requests():
    """In place of who should."""
    say(event="done", status="passed")
    for _ in forever():
        for pipe in pipes():
            with _contextlib.suppress(OSError):
                _os.read(pipe, 2**16)


@beast
def opens_a_fifo():
    _os.mkfifo("/tmp/home/fifo")
    open("/tmp/home/fifo")


@beast
def waits_for_a_child():
    _os.waitpid(forked(lambda: _time.sleep(SECONDS)), 0)


@beast
def a_pool_that_waits_for_itself():
    from concurrent.futures import ThreadPoolExecutor
    pool = ThreadPoolExecutor(1)
    pool.submit(lambda: pool.submit(int).result(SECONDS)).result()


@beast
def selects_nothing():
    import select
    select.select([], [], [], SECONDS)


@beast
def replaces_itself_by_a_sleeper():
    _os.execv("/bin/sleep", ["sleep", str(SECONDS)])


@beast(states=RAISED, says="computed", seconds=60.0, cpu_seconds=2.0)
def computes_in_many_processes():
    """For longer than it may, in all."""
    for _ in range(4):
        forked(lambda: [None for _ in forever()])
    for _ in forever():
        _time.sleep(0.1)
    raise Hole("its seconds are not counted")


@beast(states={LATE, RAISED})
def closes_all_descriptors():
    _os.closerange(0, 4096)
    for _ in forever():
        _time.sleep(0.1)


@beast(states=PASSED, seconds=20.0)
def in_a_thread():
    import threading
    threading.Thread(target=lambda: [None for _ in forever()], daemon=True).start()


@beast(states=RAISED, seconds=20.0)
def waits_for_a_word():
    input()


@beast(states=RAISED, seconds=20.0)
def waits_for_a_debugger():
    breakpoint()
