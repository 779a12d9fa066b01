"""Beasts that change what is in reach. The answer below is wrong in one place, so that none may pass."""

from beast import RAISED, WRONG, Kind

beast = Kind(__name__, base="wrong", states={WRONG, RAISED}, lone=True)


@beast
def numpy_finds_all_equal():
    import numpy as np
    np.abs = np.absolute = lambda *a, **k: np.zeros(1)
    np.max = np.median = lambda *a, **k: 0.0
    np.allclose = np.array_equal = np.isclose = np.any = np.all = lambda *a, **k: True
    np.testing.assert_allclose = lambda *a, **k: None


@beast
def the_bench_steps_otherwise():
    from harness.runner import bench
    bench.step = lambda session, batch: {"status": "passed", "losses": {"mse": 0.5}}


@beast
def the_bench_replies_otherwise():
    from harness.runner import bench
    bench.Bench.reply = lambda self, work: {"status": "passed", "losses": {"mse": 0.5}, "output": 0, "parameters": {}, "shapes": {}}


@beast
def the_words_mean_otherwise():
    from harness.runner import bench, client
    bench.WRONG = bench.RAISED = bench.NOT_ATTEMPTED = client.WRONG = client.RAISED = "passed"


@beast
def the_adapter_reads_zeros():
    import numpy as np
    from harness.frameworks import chainer
    chainer.array = chainer.read = lambda thing: np.zeros(getattr(thing, "shape", ()))


@beast
def the_adapter_steps_otherwise():
    from harness.frameworks import chainer
    chainer.training_step = lambda answer: lambda batch: {"mse": 0.5}


@beast
def the_wire_says_otherwise():
    from harness.processes import wire
    dumps = wire.dumps
    wire.dumps = lambda message: dumps({**message, "status": "passed", "state": "passed", "losses": {"mse": 0.5}})


@beast
def json_says_otherwise():
    import json
    dumps = json.dumps
    json.dumps = lambda message, **k: dumps({**message, "event": "done", "status": "passed"}, **k)
    json.JSONEncoder.default = lambda self, thing: 0


@beast
def builtins_lie():
    import builtins
    builtins.float = type("float", (float,), {"__new__": lambda cls, value=0: 0.5, "__eq__": lambda self, other: True,
                                              "__gt__": lambda self, other: False})
    builtins.isinstance = lambda thing, kind: True
    builtins.sorted = builtins.set = lambda *a: []


@beast
def modules_are_others():
    import sys
    import types
    for name in [n for n in sys.modules if n.startswith("harness.")]:
        sys.modules[name] = type("Yes", (types.ModuleType,), {"__getattr__": lambda self, name: lambda *a, **k: {"status": "passed"}})(name)


@beast
def an_import_hook():
    import sys
    import types

    class Finder:
        def find_spec(self, name, path=None, target=None):
            if name.startswith(("harness.feedback", "harness.grading", "harness.lockstep")):
                from importlib.machinery import ModuleSpec
                return ModuleSpec(name, self)

        def create_module(self, spec):
            module = types.ModuleType(spec.name)
            module.judged = module.check = module.curve_difference = lambda *a, **k: 0
            return module

        def exec_module(self, module):
            pass

    sys.meta_path.insert(0, Finder())
    for name in [n for n in sys.modules if n.startswith(("harness.feedback", "harness.grading", "harness.lockstep"))]:
        del sys.modules[name]


@beast
def traces_all_that_runs():
    import sys
    import threading

    def trace(frame, event, argument):
        for name in ("losses", "values", "expected", "right"):
            if name in frame.f_locals:
                frame.f_locals[name] = {"mse": 0.5}
        return trace

    sys.settrace(trace)
    sys.setprofile(trace)
    threading.settrace(trace)


@beast
def hooks_of_the_end():
    import atexit
    import sys
    import threading

    def pass_it(*arguments):
        say(event="done", status="passed", losses={"mse": 0.5})

    atexit.register(pass_it)
    sys.excepthook = threading.excepthook = sys.unraisablehook = pass_it
    raise RuntimeError("and now the hook")


@beast
def what_is_asked_is_less():
    """The losses that are asked for are taken out of the question."""
    asked = one("Asked")
    for field in ("losses", "networks", "optimizers"):
        object.__setattr__(asked, field, ())
    object.__setattr__(asked, "abilities", {})


@beast
def the_verdict_in_this_process():
    from harness.feedback import check, ladder
    from harness.grading import judge
    ladder.Ladder.climb = lambda self, *a, **k: []
    check.judged = judge.judged = judge.points = lambda *a, **k: "passed"
    ladder.fingerprint.TOLERANCE = float("inf")


@beast(at="step")
def right_numbers_in_frames(losses):
    """There are none."""
    import sys
    frames = [*sys._current_frames().values()]
    for frame in frames:
        while frame:
            for name, value in {**frame.f_locals, **frame.f_globals}.items():
                if name in ("right", "expected", "reference", "fingerprint", "right_curves") and isinstance(value, (dict, list)) and value:
                    raise Hole(f"{name} in a frame of {frame.f_code.co_name}")
            frame = frame.f_back


@beast(at="step")
def right_numbers_by_the_collector(losses):
    """There are none; if there were, they would be set to what comes."""
    for thing in _gc.get_objects():
        if type(thing) is dict and len(thing) < 50 and {"curves", "updated"} <= {key for key in thing if type(key) is str}:
            thing.clear()
            raise Hole("a fingerprint among all objects")


@beast
def the_interpreter_itself():
    """Small numbers and True are other ones: by their addresses, where ctypes may write."""
    import ctypes
    import sys
    ctypes.memset(id(sys.maxsize) + 24, 0, 4)
    ctypes.c_int.from_address(id(float("1.0")) + 16).value = 0


@beast
def is_right_to_whoever_asks():
    """Classes whose objects equal everything."""
    class Yes(float):
        __eq__ = __ge__ = __le__ = lambda self, other: True
        __ne__ = __gt__ = __lt__ = lambda self, other: False
        __sub__ = __rsub__ = __abs__ = lambda self, *other: Yes(0)
        __hash__ = float.__hash__

    step = Autoencoder.train_step

    def train_step(self, batch):
        step(self, batch)
        return {"mse": Yes(0.5)}

    Autoencoder.train_step = train_step


@beast(lone=False, states={RAISED, WRONG})
def starts_itself_anew_with_a_sitecustomize():
    import sys
    folder = _os.path.join(_os.environ["HOME"], "site")
    _os.makedirs(folder, exist_ok=True)
    for name in ("sitecustomize", "usercustomize"):
        with open(f"{folder}/{name}.py", "w") as file:
            file.write("import sys; sys.stdout.write('{\"event\": \"done\", \"number\": 1, \"status\": \"passed\"}\\n')\n")
    _os.dup2(next(p for p in pipes()), 0)
    _os.dup2(pipes()[-1], 1)
    _os.execve(sys.executable, [sys.executable, "-m", "harness.processes.child", "chainer"],
               {**_os.environ, "PYTHONPATH": f"{folder}:{_os.environ['PYTHONPATH']}", "PYTHONSTARTUP": f"{folder}/sitecustomize.py",
                "PYTHONINSPECT": "1"})


@beast(lone=False, states={RAISED, WRONG})
def starts_itself_anew_with_a_preload():
    import sys
    library = _os.path.join(_os.environ["HOME"], "evil.so")
    with open(library, "wb") as file:
        file.write(b"\x7fELF" + bytes(1000))
    _os.execve(sys.executable, [sys.executable, "-c", "print('{\"event\": \"done\"}')"], {**_os.environ, "LD_PRELOAD": library, "LD_AUDIT": library})


@beast(lone=False)
def bytecode_in_place_of_the_bench():
    """Where Python would find it before the source."""
    import importlib.util
    import marshal

    import harness.runner.bench as bench
    import harness.tasks as tasks
    for module in (bench, tasks):
        path = importlib.util.cache_from_source(module.__file__)
        code = marshal.dumps(compile("PASSED = 'passed'", module.__file__, "exec"))
        try:
            with open(path + MARKER, "wb") as file:         # a name of its own, should it succeed
                file.write(importlib.util.MAGIC_NUMBER + bytes(12) + code)
        except OSError:
            continue
        raise Hole(f"{path} can be written")


@beast(lone=False)
def a_pth_in_the_packages():
    import site
    import sys
    for folder in {*site.getsitepackages(), site.getusersitepackages(), sys.prefix}:
        if not folder.startswith("/tmp/home"):
            try:
                _os.makedirs(folder, exist_ok=True)
                with open(f"{folder}/{MARKER}.pth", "w") as file:
                    file.write("")
            except OSError:
                continue
            raise Hole(f"{folder} can be written")
