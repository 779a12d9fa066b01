"""An answer on the bench: built, and asked for shapes, outputs, losses, parameters. Jobs of the process that runs it.

Each reply has ``status``; where it is not "passed", ``message`` and ``lines`` say what the learner's code did, and where.
Arrays are the framework's own, in its own layout; nothing here knows what they should be.
"""

import bdb
import contextlib
import functools
import math
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from harness.frameworks import Adapter, Arrays, Step, Variable
from harness.processes.child import Session
from harness.processes.machine import limit_files, limit_memory
from harness.processes.wire import KINDS
from harness.runner.tape import Tape
from harness.runner.terminal import PRINTED, NoTerminal, Tail, without_terminal
from harness.tasks import AnswerError
from harness.training import contract
from harness.training.contract import Asked

PASSED, WRONG, NOT_ATTEMPTED, RAISED = "passed", "wrong", "not attempted", "raised"
FILE_GIGABYTES = 0.25   # that the learner's code may write to one file; what it prints past Python goes to one, too
OPEN_FILES = 1024
LINES = 100             # of a learner's file that an exception passed
Reply = dict[str, Any]


class Bench:
    """One answer, as far as it was built. ``terminal``: it may use the one of this process."""

    def __init__(self, asked: Asked, framework: str, adapter: Adapter, path: Path, terminal: bool):
        self.asked, self.framework, self.adapter, self.path, self.terminal = asked, framework, adapter, path, terminal
        self.printed = Tail()
        self.answer: Any = None
        self.networks: dict[str, Any] = {}
        self.optimizers: dict[str, Any] = {}
        self.variables: dict[str, list[Variable]] = {}
        self.train_step: Step | None = None
        self.stepped = False
        self.tape: Tape | None = None
        self.constants: dict[str, dict[str, float | str]] = {}

    def build(self, source: bytes, folder: Path, precision: str, seed: int) -> None:
        """The answer, which is called ``path`` and may import what lies in ``folder``."""
        self.source, self.folder = source, folder
        self.adapter.configure(precision, seed)
        found = contract.load_from(self.path, self.asked, self.framework, folder, source)
        self.answer = found(**self.asked.hyperparameters)
        self.networks = contract.attributes(self.answer, self.asked.networks, "network")
        self.optimizers = contract.attributes(self.answer, self.asked.optimizers, "optimizer")
        contract.attributes(self.answer, self.asked.abilities, "ability")
        contract.attributes(self.answer, ["train_step"], "method")

    def find(self) -> None:
        """Its parameters, in the order of declaration."""
        self.variables = {name: self.adapter.variables(network) for name, network in self.networks.items()}

    def begin(self, parameters: dict[str, list[np.ndarray]]) -> None:
        """Set all parameters; make optimizers and layers compute what other frameworks compute (docs/lockstep.md)."""
        self.put(parameters)
        for optimizer in self.optimizers.values():
            self.adapter.align(optimizer)
        for network in self.networks.values():
            self.adapter.align_network(network)
        self.train_step = self.adapter.training_step(self.answer)

    def put(self, parameters: dict[str, list[np.ndarray]]) -> None:
        """Set all parameters of these networks."""
        for name, arrays in parameters.items():
            for variable, array in zip(self.variables[name], arrays, strict=True):
                self.adapter.write(variable, array)

    def reply(self, work: Callable[[], Reply]) -> Reply:
        """What ``work`` gives, or what the learner's code did instead."""
        try:
            with contextlib.nullcontext() if self.terminal else without_terminal(self.printed), self.adapter.eagerly():
                return {"status": PASSED, **work()}
        except NoTerminal as error:
            return self._stopped(RAISED, str(error), error)
        except AnswerError as error:
            return self._stopped(WRONG, str(error), None)
        except NotImplementedError as error:
            return self._stopped(NOT_ATTEMPTED if self._lines(error) else RAISED, str(error) or "not written yet", error)
        except (KeyboardInterrupt, BrokenPipeError):
            raise
        except BaseException as error:      # SystemExit too
            what = "".join(traceback.format_exception_only(error)).strip()
            if isinstance(error, SystemExit):
                what = f"the file ends the program with sys.exit({error.code if error.code is not None else ''})"
            elif isinstance(error, bdb.BdbQuit):
                what = "you left the debugger"
            elif isinstance(error, MemoryError):
                what += " (your code asked for more memory than --memory allows)"
            return self._stopped(RAISED, what, error)

    def _stopped(self, status: str, message: str, error: BaseException | None) -> Reply:
        return {"status": status, "message": message[:PRINTED], "lines": self._lines(error) if error else []}

    def _lines(self, error: BaseException) -> list[list[Any]]:
        """[line number, source] of each place in the learner's file that ``error`` passed, innermost last."""
        frames = traceback.extract_tb(error.__traceback__)
        own: list[tuple[int | None, str | None]] = [(f.lineno, f.line) for f in frames if Path(f.filename) == self.path]
        if isinstance(error, SyntaxError) and error.filename and Path(error.filename) == self.path:
            own.append((error.lineno, (error.text or "").strip()))
        return [[number, (line or "")[:PRINTED]] for number, line in own[-LINES:] if number]


def load(session: Session, *, asked: dict[str, Any], path: str, source: np.ndarray, folder: str, memory: float | None,
         terminal: bool, seed: int = 0) -> Reply:
    """Build the answer whose ``source`` (bytes) is called ``path``: is there what a question asks for?

    ``folder``: where modules of the learner's own are. ``memory``: GiB that the answer may use; None: no limit.
    ``terminal``: it may use the one of this process. ``seed``: of its own randomness; weights and noise come with requests.
    """
    if memory is not None:
        limit_memory(memory)
        limit_files(FILE_GIGABYTES, OPEN_FILES)
    bench = session.kept["bench"] = Bench(Asked(**asked), session.framework, session.adapter, Path(path), terminal)

    def work() -> Reply:
        bench.build(source.tobytes(), Path(folder), "float64", seed)
        bench.constants = {name: bench.adapter.constants(optimizer) for name, optimizer in bench.optimizers.items()}    # not aligned yet
        return {}

    return bench.reply(work)


Job = Callable[..., Reply]


def _of_bench(work: Callable[..., Reply]) -> Job:
    """A job of what ``work`` does with the bench that ``load`` made."""
    @functools.wraps(work)
    def job(session: Session, **arguments: Any) -> Reply:
        bench: Bench = session.kept["bench"]
        return bench.reply(lambda: work(bench, **arguments))
    return job


@_of_bench
def networks(bench: Bench) -> Reply:
    """The shapes of each network's parameters, in the order of declaration."""
    bench.find()
    return {"shapes": {name: [list(map(int, v.shape)) for v in variables] for name, variables in bench.variables.items()}}


@_of_bench
def parameters(bench: Bench) -> Reply:
    """Each network's parameters, in the same order."""
    return {"parameters": {name: [bench.adapter.read(v) for v in variables] for name, variables in bench.variables.items()}}


@_of_bench
def begin(bench: Bench, parameters: dict[str, list[np.ndarray]]) -> Reply:
    """See ``Bench.begin``."""
    bench.begin(parameters)
    return {}


@_of_bench
def put(bench: Bench, parameters: dict[str, list[np.ndarray]]) -> Reply:
    """Set all parameters."""
    bench.put(parameters)
    return {}


@_of_bench
def step(bench: Bench, batch: Arrays) -> Reply:
    """One step of training on ``batch``: its losses."""
    assert bench.train_step
    losses = bench.train_step(bench.adapter.batch(batch))
    values = contract.losses_of(losses, bench.asked, bench.adapter, "float64", checked=bench.stepped)
    bench.stepped = True
    return {"losses": values}


def trial(session: Session, *, precision: str, parameters: dict[str, list[np.ndarray]], batch: Arrays) -> Reply:
    """The losses of one step of training in ``precision``, "float32" or "float64", of the answer built anew: its file is run again,
    since what it makes as it is loaded has a type, too. The answer on the bench stays as it is."""
    kept: Bench = session.kept["bench"]
    bench = Bench(kept.asked, kept.framework, kept.adapter, kept.path, kept.terminal)

    def work() -> Reply:
        bench.build(kept.source, kept.folder, precision, 0)
        bench.find()
        bench.begin({name: [array.astype(precision) for array in of] for name, of in parameters.items()})
        assert bench.train_step
        given = {name: array.astype(precision) if array.dtype.kind == "f" else array for name, array in batch.items()}
        losses = bench.train_step(bench.adapter.batch(given))
        return {"losses": contract.losses_of(losses, bench.asked, bench.adapter, precision, checked=False)}

    try:
        return bench.reply(work)
    finally:
        bench.adapter.configure("float64", 0)


@_of_bench
def record(bench: Bench, batch: Arrays, values: bool) -> Reply:
    """One step of training, and what it computed on the way: for each result of an operation its size, the sums of its first three
    powers (which no change of layout changes), and the line of the learner's file; then each optimizer's steps, with its gradients
    and all parameters before and after it, in the order of both. ``values``: or the optimizers' steps alone.
    """
    tape = bench.tape = Tape(bench)
    step = bench.train_step
    assert step
    with bench.adapter.recording(bench.optimizers, tape.on_value if values else None, tape.on_update):
        losses = step(bench.adapter.batch(batch))
    return {"losses": contract.losses_of(losses, bench.asked, bench.adapter, "float64", checked=False), **tape.reply()}


@_of_bench
def values(bench: Bench, numbers: list[int]) -> Reply:
    """Results of the last recorded step, by their numbers in it."""
    assert bench.tape
    return {"values": [bench.tape.kept.get(i) for i in numbers]}


@_of_bench
def constants(bench: Bench) -> Reply:
    """What each optimizer goes by, as it was built."""
    return {"constants": bench.constants}


@_of_bench
def ask(bench: Bench, ability: str, inputs: list[np.ndarray]) -> Reply:
    """What ``ability`` makes of ``inputs``, in evaluation mode."""
    given = bench.adapter.batch({str(i): array for i, array in enumerate(inputs)})
    with bench.adapter.evaluation(bench.networks.values()):
        made = getattr(bench.answer, ability)(*given.values(), **bench.asked.abilities[ability])
    output = bench.adapter.array(made)
    if output.dtype.kind not in KINDS:
        raise AnswerError(f"{ability} gave a {type(made).__name__}, where a tensor was expected")
    return {"output": output}


@_of_bench
def rates(bench: Bench, done: int, steps: list[int]) -> Reply:
    """See ``Adapter.rates``; by optimizer."""
    return {"rates": {name: bench.adapter.rates(bench.answer, optimizer, done, steps) for name, optimizer in bench.optimizers.items()}}


class Seen(BaseException):
    """Enough was seen of what runs. No learner's ``except Exception`` takes it."""


@_of_bench
def most(bench: Bench, ability: str, inputs: list[np.ndarray], arguments: dict[str, int]) -> Reply:
    """How many numbers the first layer gives at once, of those that ``ability`` calls with ``arguments``, in evaluation mode; 0 where
    it calls none that can be watched. Then it is ended: what is asked for is large."""
    given = bench.adapter.batch({str(i): array for i, array in enumerate(inputs)})
    found = [0]

    def on_call(own: list[Variable], output: Any) -> None:
        found[0] = math.prod(map(int, output.shape))
        raise Seen

    with contextlib.suppress(Seen), bench.adapter.evaluation(bench.networks.values()), bench.adapter.watching(bench.answer, on_call):
        getattr(bench.answer, ability)(*given.values(), **arguments)
    return {"most": found[0]}


def printed(session: Session) -> Reply:
    """What the learner's code has printed so far, its beginning and its end."""
    return {"status": PASSED, "printed": session.kept["bench"].printed.text()}
