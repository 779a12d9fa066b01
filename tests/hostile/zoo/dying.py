"""Beasts that end in odd ways. The answer below is right, and does not come to its end."""

from beast import LATE, RAISED, WRONG, Kind

beast = Kind(__name__, states=RAISED, base="right")


@beast
def exits_as_it_is_imported():
    _os._exit(0)


@beast(at="build")
def exits_as_it_is_built(answer):
    _os._exit(1)


@beast(at="step")
def exits_as_it_steps(losses):
    _os._exit(137)


@beast(at="ask")
def exits_as_it_is_asked(codes):
    _os._exit(255)


@beast(at="step")
def says_done_and_exits(losses):
    say(event="done", status="passed", losses={"mse": 0.5})
    _os._exit(0)


@beast
def sys_exit():
    import sys
    sys.exit(0)


@beast
def sys_exit_with_what_cannot_be_shown():
    import sys

    class Odd:
        def __str__(self):
            raise OSError("no")
        __repr__ = __str__
    sys.exit(Odd())


@beast
def a_segmentation_fault():
    import ctypes
    ctypes.string_at(0)


@beast(at="step")
def an_abort(losses):
    _os.abort()


@beast(at="ask")
def kills_itself(codes):
    _os.kill(_os.getpid(), _signal.SIGKILL)


@beast
def an_alarm():
    _signal.setitimer(_signal.ITIMER_REAL, 0.01)
    for _ in forever():
        pass


@beast
def recursion():
    def deeper():
        deeper()
    deeper()


@beast(states={RAISED, LATE}, seconds=4.0)
def recursion_without_a_limit():
    import sys
    sys.setrecursionlimit(10**9)

    class Deep:
        def __getattr__(self, name):
            return getattr(self, name + "x"[:0])

    def deeper(n):
        return repr([deeper(n + 1)]) if n < 10**6 else n
    sorted([1, 2], key=lambda x: deeper(0))
    Deep().x


@beast
def an_exception_without_words():
    class Mute(BaseException):
        def __str__(self):
            raise Mute
        __repr__ = __str__
    raise Mute


@beast
def an_exception_that_gives_no_text():
    class Odd(Exception):
        def __str__(self):
            return 5
    raise Odd


@beast
def an_exception_of_100_megabytes():
    raise ValueError("x" * 100 * 2**20)


@beast
def an_exception_in_many_lines():
    raise ValueError("\n" * 10**6 + "\x1b[2J\ud800" * 1000)


@beast(states={RAISED, LATE}, seconds=4.0)
def a_group_in_groups():
    error = ValueError("x")
    for _ in range(2000):
        error = ExceptionGroup("g", [error, error])
    raise error


@beast
def a_chain_of_causes():
    error = None
    for number in range(20_000):
        new = ValueError(number)
        new.__cause__ = error
        error = new
    raise error


@beast
def an_exception_without_a_module():
    class Odd(Exception):
        pass
    Odd.__module__ = Odd.__qualname__ = "\ud800"
    Odd.__traceback__ = property(lambda self: 5)
    raise Odd("x")


@beast
def a_keyboard_interrupt():
    raise KeyboardInterrupt


@beast(at="step")
def a_generator_exit(losses):
    raise GeneratorExit


@beast(at="step")
def a_stop_iteration(losses):
    raise StopIteration


@beast(at="step", states={RAISED, LATE})
def a_broken_pipe(losses):
    raise BrokenPipeError


@beast(at="ask")
def a_memory_error(codes):
    raise MemoryError


@beast(at="build", states={"not attempted", RAISED})
def not_implemented_of_megabytes(answer):
    raise NotImplementedError("x" * 2**24)


@beast(states=WRONG)
def what_only_the_harness_raises():
    from harness.tasks import AnswerError
    raise AnswerError("passed\ud800")


@beast
def no_interpreter():
    """Its frames and types are spoiled."""
    import ctypes
    for kind in (dict, list, str, tuple):
        ctypes.memset(id(kind) + 16, 0, 300)


@beast
def becomes_another_program():
    _os.execv("/bin/echo", ["echo", "done"])


@beast
def closes_all_and_goes():
    _os.closerange(0, 4096)


@beast(states={RAISED, LATE}, at="step", seconds=4.0)
def ends_in_another_thread(losses):
    import threading
    threading.Thread(target=_os._exit, args=(0,)).start()
    _time.sleep(1)
