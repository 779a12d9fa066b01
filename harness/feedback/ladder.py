"""The ladder: an answer is taken up rung by rung, and each says what is right, or what was expected and what came.

It runs in a worker process, beside the learner's code. Nothing of the reference answer is run: its numbers are stored.

    loads          the file loads, the class is there and can be built, networks and optimizers are named
    networks       each network has the layers of the question's table
    initial        initial weights are distributed as the question asks
    shapes         the abilities give the right shapes
    forward        ... and, from common weights, the right numbers
    first losses   the losses of the first training step
    curve          all losses and parameters of the first steps
    abilities      the abilities after these steps
"""

import bdb
import contextlib
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from harness import tasks
from harness.feedback import fingerprint
from harness.feedback.diagnosis import Reference, data_path
from harness.feedback.fingerprint import Fingerprint
from harness.feedback.terminal import PRINTED, NoTerminal, Tail, without_terminal
from harness.frameworks import Adapter
from harness.lockstep.difference import curve_difference
from harness.processes.child import Session
from harness.processes.machine import limit_file_size, limit_memory
from harness.tasks import AnswerError, Task, initialization, parameters
from harness.training import contract
from harness.training.trainer import Trainer

RUNGS = ("loads", "networks", "initial", "shapes", "forward", "first losses", "curve", "abilities")
PASSED, WRONG, NOT_ATTEMPTED, RAISED = "passed", "wrong", "not attempted", "raised"
FILE_GIGABYTES = 0.25   # that the learner's code may write to one file; what it prints past Python goes to one, too


@dataclass
class Rung:
    """What came of one rung. ``lines``: (line number, source) of the learner's file, innermost last."""

    name: str
    status: str = PASSED
    message: str = ""
    facts: list[str] = field(default_factory=list)
    lines: list[list[Any]] = field(default_factory=list)


class Ladder:
    """Take the answer in ``path`` up all rungs, as far as it goes.

    data: arrays by name, as in ``Batches``; right: the right answer's fingerprint, or None where it is being made. ``folder``:
    where modules of the learner's own are, beside the file by default. ``terminal``: the answer may use it.
    """

    def __init__(self, task: Task, framework: str, adapter: Adapter, data: Mapping[str, np.ndarray], path: Path,
                 right: Fingerprint | None, seed: int = 0, folder: Path | None = None, terminal: bool = False):
        self.task, self.framework, self.adapter, self.data = task, framework, adapter, data
        self.path, self.right, self.seed, self.folder, self.terminal = Path(path), right, seed, folder, terminal
        self.found: Fingerprint = {}           # the fingerprint, as far as it got
        self.printed = Tail()

    def climb(self, on_rung: Callable[[Rung], None] = lambda rung: None, last: str = RUNGS[-1]) -> list[Rung]:
        """All rungs up to ``last``, or to the first where the answer could not go on; ``on_rung`` hears of each as it is done."""
        rungs = []
        with contextlib.nullcontext() if self.terminal else without_terminal(self.printed), self.adapter.eagerly():
            for name in RUNGS[:RUNGS.index(last) + 1]:
                rung = self._try(name)
                rungs.append(rung)
                on_rung(rung)
                if self.found.get("stopped"):
                    break
        return rungs

    def _try(self, name: str) -> Rung:
        rung = Rung(name)
        try:
            getattr(self, "_" + name.replace(" ", "_"))(rung)
        except NoTerminal as error:
            self._stop(rung, RAISED, str(error), error)
        except AnswerError as error:
            self._stop(rung, WRONG, str(error), None)
        except NotImplementedError as error:
            self._stop(rung, NOT_ATTEMPTED if self._lines(error) else RAISED, str(error) or "not written yet", error)
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
            self._stop(rung, RAISED, what[:PRINTED], error)
        return rung

    def _stop(self, rung: Rung, status: str, message: str, error: BaseException | None) -> None:
        rung.status, rung.message = status, message
        rung.lines = self._lines(error) if error else []
        self.found["stopped"] = [rung.name, message]

    def _lines(self, error: BaseException) -> list[list[Any]]:
        """Where in the learner's file ``error`` came from; none if it never passed there."""
        own = [[f.lineno, f.line] for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == self.path]
        if isinstance(error, SyntaxError) and error.filename and Path(error.filename) == self.path:
            own.append([error.lineno, (error.text or "").strip()])
        return own

    def _loads(self, rung: Rung) -> None:
        self.adapter.configure("float64", self.seed)
        answer_class = contract.load_class(self.task, self.framework, self.path, self.folder)
        self.answer = answer_class(**self.task.hyperparameters)
        self.networks = contract.attributes(self.answer, self.task.networks, "network")
        self.optimizers = contract.attributes(self.answer, self.task.optimizers, "optimizer")
        contract.attributes(self.answer, self.task.abilities, "ability")
        contract.attributes(self.answer, ["train_step"], "method")

    def _networks(self, rung: Rung) -> None:
        variables = {name: self.adapter.variables(network) for name, network in self.networks.items()}
        self.found["shapes"] = {name: [list(parameters.canonical_shape(v.shape, self.adapter.layout)) for v in of]
                                for name, of in variables.items()}
        for name, network in self.task.networks.items():
            found = [tuple(v.shape) for v in variables[name]]
            expected = [(p.name.partition(".")[2], parameters.native_shape(p, self.adapter.layout))
                        for p in network.parameters()]
            if found != [shape for _, shape in expected]:
                rung.facts += _two_columns(name, expected, found)
        contract.variables_of(self.answer, self.task, self.adapter)     # says which is the first

    def _initial(self, rung: Rung) -> None:
        variables = contract.variables_of(self.answer, self.task, self.adapter)
        specs = {p.name: p for network in self.task.networks.values() for p in network.parameters()}
        arrays = {name: parameters.to_canonical(specs[name], self.adapter.read(v), self.adapter.layout)
                  for name, v in variables.items()}
        rung.facts = initialization.complaints(self.task, arrays)
        if rung.facts:
            rung.status = WRONG
            rung.message = "the initial weights are not as the question asks"
        self.trainer = Trainer(self.task, self.framework, self.adapter, self.data, seed=self.seed,
                               answer=self.answer)
        self.found["initial"] = fingerprint.digests(self.trainer.parameters())

    def _shapes(self, rung: Rung) -> None:
        number = self.task.samples["number"]
        self.outputs = self.trainer.outputs(number)
        given = self.trainer.batches.samples(number)
        self.outputs = {name: array for name, array in self.outputs.items() if name not in given}

    def _forward(self, rung: Rung) -> None:
        self.found["forward"] = fingerprint.digests(self.outputs)
        self.found["ranges"] = {name: [float(array.min()), float(array.max())] for name, array in self.outputs.items()}
        if self.right:
            self._compare(rung, "forward", "before training, with given weights, {} returns wrong numbers")

    def _first_losses(self, rung: Rung) -> None:
        losses = self.trainer.step(0)
        self.found["curves"] = {name: [value] for name, value in losses.items()}
        self.found["updated"] = fingerprint.digests(self.trainer.parameters())
        if not self.right:
            return
        for name, value in losses.items():
            expected = self.right["curves"][name][0]
            if curve_difference(np.array([value]), np.array([expected]))[0] > fingerprint.TOLERANCE:
                rung.status = WRONG
                rung.facts.append(f"{name}: expected {expected:.10g}, got {value:.10g}")
        if rung.facts:
            rung.message = "the losses of the first step are wrong"

    def _curve(self, rung: Rung) -> None:
        for step in range(1, fingerprint.STEPS):
            for name, value in self.trainer.step(step).items():
                self.found["curves"][name].append(value)
        self.found["parameters"] = fingerprint.digests(self.trainer.parameters())
        if not self.right:
            return
        for name, values in self.found["curves"].items():
            differ = curve_difference(np.array(values), np.array(self.right["curves"][name]))
            if np.any(differ > fingerprint.TOLERANCE):
                step = int(np.argmax(differ > fingerprint.TOLERANCE))
                rung.facts.append(f"{name}: wrong from step {step + 1} on, where we expected "
                                  f"{self.right['curves'][name][step]:.10g} and got {values[step]:.10g}")
        if rung.facts:
            rung.status, rung.message = WRONG, "the losses of a later step are wrong"
        else:
            self._compare(rung, "parameters", f"after {fingerprint.STEPS} steps, {{}} has wrong values")

    def _abilities(self, rung: Rung) -> None:
        given = self.trainer.batches.samples(self.task.samples["number"])
        outputs = {n: a for n, a in self.trainer.outputs(self.task.samples["number"]).items() if n not in given}
        self.found["abilities"] = fingerprint.digests(outputs)
        if self.right:
            self._compare(rung, "abilities", "after training, in evaluation mode, {} returns wrong numbers")

    def _compare(self, rung: Rung, part: str, message: str) -> None:
        assert self.right
        differ = {name: value for name, value in fingerprint.differences(self.found, self.right)[part].items()
                  if value > fingerprint.TOLERANCE}
        if differ:
            first = next(iter(differ))
            rung.status, rung.message = WRONG, message.format(first)
            rung.facts = [f"{name}: relative difference {value:.2g}" for name, value in differ.items()]


def job(session: Session, *, task: str, root: str, file: str, folder: str, memory: float | None) -> dict[str, Any]:
    """In a worker: take ``file`` up; each rung is an event, and in the end come the fingerprint and what was printed.

    ``folder``: where modules of the learner's own are. ``memory``: GiB that the answer may use; None where it runs in the
    learner's own terminal, with no limit.
    """
    if memory is not None:
        limit_memory(memory)
        limit_file_size(FILE_GIGABYTES)
    asked = tasks.load(task, "check", Path(root))
    with np.load(data_path(asked)) as data:
        ladder = Ladder(asked, session.framework, session.adapter, dict(data), Path(file), Reference(asked).right,
                        folder=Path(folder), terminal=memory is None)
    ladder.climb(lambda rung: session.emit(event="rung", **asdict(rung)))
    return {"fingerprint": ladder.found, "printed": ladder.printed.text()}


def _two_columns(network: str, expected: list[tuple[str, tuple[int, ...]]], found: list[tuple[int, ...]]) -> list[str]:
    """Lines of a table: what the question has, what the answer has; the first difference is marked."""
    rows, marked = [f"{network}:  the question  |  your network"], False
    for i in range(max(len(expected), len(found))):
        there = f"{expected[i][0]} {expected[i][1]}" if i < len(expected) else "-"
        here = f"{found[i]}" if i < len(found) else "-"
        differs = i >= len(expected) or i >= len(found) or expected[i][1] != found[i]
        rows.append(f"{'> ' if differs and not marked else '  '}{there}  |  {here}")
        marked = marked or differs
    return rows
