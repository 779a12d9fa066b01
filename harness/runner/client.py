"""Questions to the process that runs a learner's code, and whether what comes back can be an answer to them.

That process may say anything: whoever wrote the code can have written the reply. So a reply is data, looked at field by
field; one that has another form than was asked for ends it.
"""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn, Protocol

import numpy as np

from harness import frameworks
from harness.messages import WorkbookError
from harness.processes.child import Session, called
from harness.processes.machine import environment
from harness.processes.wire import KINDS, plain
from harness.processes.worker import Event
from harness.runner.bench import LINES, NOT_ATTEMPTED, PASSED, RAISED, WRONG
from harness.runner.tape import POWERS, VALUES
from harness.runner.terminal import PRINTED
from harness.training.contract import Asked

UPDATES = 1000          # of optimizers in one step; a question asks for five and one
PARAMETERS = 1000       # arrays of a network; a question asks for dozens
Shapes = dict[str, list[tuple[int, ...]]]
ByNetwork = dict[str, list[np.ndarray]]


@dataclass(frozen=True)
class Recorded:
    """A step's losses, its values (their sizes and powers, and the answer's lines), its updates, the parameters after it; arrays
    as the framework has them."""

    losses: dict[str, float]
    moments: np.ndarray
    lines: np.ndarray
    updates: list[dict[str, Any]]
    after: ByNetwork


class Stopped(Exception):
    """The learner's code did not give what it was asked for: ``status``, a message, and [line number, source] of its file."""

    def __init__(self, status: str, message: str, lines: list[list[Any]]):
        super().__init__(message)
        self.status, self.lines = status, lines


class Ended(Exception):
    """The process has ended, or was ended. ``event``: what it was ended by, as of ``Worker.run``."""

    def __init__(self, event: Event):
        super().__init__(event["message"])
        self.event = event


class NotStarted(WorkbookError):
    """The process did not come so far as to be given the learner's code: this says nothing about it."""


class Process(Protocol):
    """What can be asked: a ``Worker``, or ``Here``."""

    framework: str
    timeout: float          # seconds

    def run(self, job: str, on_event: Callable[[Event], None] | None = None, **arguments: Any) -> Event:
        """Have a job done; the event that ends it."""

    def kill(self) -> None:
        """End it."""


class Here:
    """In place of a worker: this very process, so that a debugger works. Nothing limits the learner's code, or ends it."""

    timeout = math.inf

    def __init__(self, framework: str):
        self.framework = framework
        os.environ.update(environment(threads=1))       # before the framework is imported
        self.session = Session(framework, frameworks.load(framework), lambda **event: None)

    def run(self, job: str, on_event: Callable[[Event], None] | None = None, **arguments: Any) -> Event:
        """What a worker does, but that it has no limits: this process could not take them back."""
        if "memory" in arguments:
            arguments["memory"] = None
        return {"event": "done", **called(job)(self.session, **arguments)}

    def kill(self) -> None:
        """Nothing: it is this process."""


class Runner:
    """An answer in a process. Every method raises Stopped for what the learner's code does, Ended for what becomes of the process,
    NotStarted where it never was there.

    ``order``: by network, which of its declared parameters is the question's first, which its second ...; where there is none, they
    are declared in the question's order. All but ``networks`` gives and takes parameters in the question's order.
    """

    def __init__(self, process: Process, asked: Asked):
        self.process, self.asked = process, asked
        self.shapes: Shapes = {}
        self.order: dict[str, list[int]] = {}

    def load(self, path: Path, source: bytes, folder: Path, memory: float | None, terminal: bool, seed: int = 0) -> None:
        """See ``bench.load``."""
        self._ask("load", asked=asdict(self.asked), path=str(path), source=np.frombuffer(source, np.uint8), folder=str(folder),
                  memory=memory, terminal=terminal, seed=seed)

    def networks(self) -> Shapes:
        """The shapes of each network's parameters, as the framework has them, in the order of declaration."""
        found: Any = self._ask("networks").get("shapes")
        if not _is_of(found, self.asked.networks, lambda of: isinstance(of, list) and all(map(_is_shape, of))):
            self._refuse("shapes")
        self.shapes = {name: [tuple(shape) for shape in of] for name, of in found.items()}
        for name, of in self.shapes.items():
            if len(of) > PARAMETERS:
                raise Stopped(WRONG, f"network '{name}' has {len(of)} parameter arrays", [])
        return self.shapes

    def parameters(self) -> ByNetwork:
        """Each network's parameters, of these shapes."""
        found: Any = self._ask("parameters").get("parameters")
        if not _is_of(found, self.asked.networks, lambda of: isinstance(of, list) and all(map(_is_real, of))):
            self._refuse("parameters")
        if {name: [array.shape for array in of] for name, of in found.items()} != self.shapes:
            self._refuse("parameters")
        return self._ordered({name: [np.asarray(array, np.float64) for array in of] for name, of in found.items()})

    def _ordered(self, declared: ByNetwork) -> ByNetwork:
        """From the order of declaration to the question's."""
        return {name: [of[i] for i in self.order[name]] if name in self.order else of for name, of in declared.items()}

    def _declared(self, ordered: ByNetwork) -> ByNetwork:
        """The inverse of ``_ordered``."""
        return {name: [of[self.order[name].index(i)] for i in range(len(of))] if name in self.order else of
                for name, of in ordered.items()}

    def begin(self, parameters: ByNetwork) -> None:
        """See ``bench.begin``."""
        self._ask("begin", parameters=self._declared(parameters))

    def step(self, batch: Mapping[str, np.ndarray]) -> dict[str, float]:
        """One step of training: its losses by name."""
        return self._losses(self._ask("step", batch=dict(batch)))

    def trial(self, precision: str, parameters: ByNetwork, batch: Mapping[str, np.ndarray]) -> dict[str, float]:
        """See ``bench.trial``."""
        return self._losses(self._ask("trial", precision=precision, parameters=self._declared(parameters), batch=dict(batch)))

    def _losses(self, reply: Event) -> dict[str, float]:
        losses: Any = reply.get("losses")
        if not _is_of(losses, self.asked.losses, lambda value: isinstance(value, float)):
            self._refuse("losses")
        return {name: losses[name] for name in self.asked.losses}

    def put(self, parameters: ByNetwork) -> None:
        """See ``bench.put``."""
        self._ask("put", parameters=self._declared(parameters))

    def record(self, batch: Mapping[str, np.ndarray], values: bool = True) -> Recorded:
        """One step of training, and what it computed on the way, see ``bench.record``."""
        reply: Any = self._ask("record", batch=dict(batch), values=values)
        losses, moments, lines, updates = (reply.get(name) for name in ("losses", "moments", "lines", "updates"))
        right = (_is_of(losses, self.asked.losses, lambda value: isinstance(value, float))
                 and _is_real(moments) and moments.ndim == 2 and moments.shape[1] == 1 + POWERS and len(moments) <= VALUES
                 and _is_real(lines) and lines.shape == moments.shape[:1] and lines.dtype.kind == "i"
                 and isinstance(updates, list) and len(updates) <= UPDATES and all(map(self._is_update, updates))
                 and self._are_parameters(reply.get("after")))
        if not right:
            self._refuse("a record")
        named = {name: losses[name] for name in self.asked.losses}
        return Recorded(named, np.asarray(moments, np.float64), lines, list(map(self._ordered_update, updates)),
                        self._ordered(reply["after"]))

    def _ordered_update(self, found: dict[str, Any]) -> dict[str, Any]:
        places = {name: {str(i): str(k) for k, i in enumerate(order)} for name, order in self.order.items()}
        gradients = {name: {places[name][i]: gradient for i, gradient in of.items()} if name in places else of
                     for name, of in found["gradients"].items()}
        return {**found, "gradients": gradients, **{when: self._ordered(found[when]) for when in ("before", "after") if when in found}}

    def _is_update(self, found: Any) -> bool:
        return (isinstance(found, dict) and type(found.get("at")) is int
                and isinstance(found.get("optimizer"), str) and found["optimizer"] in self.asked.optimizers
                and self._are_parameters(found.get("before")) and self._are_parameters(found.get("after", found.get("before")))
                and isinstance(found.get("gradients"), dict)
                and all(name in self.shapes and isinstance(of, dict) and self._are_gradients(name, of)
                        for name, of in found["gradients"].items()))

    def _are_gradients(self, network: str, found: dict[str, Any]) -> bool:
        shapes = {str(i): shape for i, shape in enumerate(self.shapes[network])}
        return all(i in shapes and _is_real(gradient) and gradient.shape == shapes[i] for i, gradient in found.items())

    def _are_parameters(self, found: Any) -> bool:
        return (_is_of(found, self.asked.networks, lambda of: isinstance(of, list) and all(map(_is_real, of)))
                and {name: [array.shape for array in of] for name, of in found.items()} == self.shapes)

    def values(self, numbers: list[int]) -> list[np.ndarray | None]:
        """Results of the last recorded step by their numbers; None for one that was too much to be kept."""
        found: Any = self._ask("values", numbers=numbers).get("values")
        if not isinstance(found, list) or len(found) != len(numbers) or not all(v is None or _is_real(v) for v in found):
            self._refuse("values")
        return found

    def constants(self) -> dict[str, dict[str, float | str]]:
        """What each optimizer goes by, see ``Adapter.constants``."""
        found: Any = self._ask("constants").get("constants")
        if not _is_of(found, self.asked.optimizers, lambda of: isinstance(of, dict) and len(of) <= 16 and all(
                isinstance(value, float) or (isinstance(value, str) and name == "algorithm") for name, value in of.items())):
            self._refuse("constants")
        return {name: {key: plain(value, LINES) if isinstance(value, str) else value for key, value in of.items()}
                for name, of in found.items()}

    def ask(self, ability: str, inputs: list[np.ndarray]) -> np.ndarray:
        """What an ability makes of ``inputs``."""
        output: Any = self._ask("ask", ability=ability, inputs=inputs).get("output")
        if not isinstance(output, np.ndarray):
            self._refuse("output")
        return output

    def most(self, ability: str, inputs: list[np.ndarray], arguments: dict[str, int]) -> int:
        """See ``bench.most``."""
        found: Any = self._ask("most", ability=ability, inputs=inputs, arguments=arguments).get("most")
        if type(found) is not int or found < 0:
            self._refuse("a number")
        return found

    def rates(self, done: int, steps: list[int]) -> dict[str, list[float]]:
        """See ``bench.rates``."""
        found: Any = self._ask("rates", done=done, steps=steps).get("rates")
        if not _is_of(found, self.asked.optimizers, lambda of: isinstance(of, list) and len(of) in (0, 1 + len(steps)) and all(
                isinstance(rate, float) for rate in of)):
            self._refuse("learning rates")
        return {name: list(of) for name, of in found.items()}

    def printed(self) -> str:
        """What the learner's code has printed."""
        text: Any = self._ask("printed").get("printed")
        if not isinstance(text, str):
            self._refuse("text")
        return plain(text, 3 * PRINTED)

    def _ask(self, what: str, **arguments: Any) -> Event:
        event = self.process.run(f"harness.runner.bench:{what}", None, **arguments)
        if event.get("started") is False:
            why = event.get("traceback", "").strip().splitlines()
            said = f" ({why[-1]})" if why and why[-1] not in event["message"] else ""
            raise NotStarted(f"the process that runs an answer does not start: {event['message']}{said}")
        if event["event"] != "done":
            raise Ended(event)
        status = event.get("status")
        if not isinstance(status, str):         # == of an array is an array, too
            self._refuse("a reply")
        if status == PASSED:
            return event
        message: Any = event.get("message")
        lines: Any = event.get("lines")
        if status not in (WRONG, NOT_ATTEMPTED, RAISED) or not isinstance(message, str) or not _is_lines(lines):
            self._refuse("a reply")
        raise Stopped(status, plain(message, PRINTED), [[number, plain(line, PRINTED)] for number, line in lines])

    def _refuse(self, what: str) -> NoReturn:
        """What came is none: the process is not what it was."""
        self.process.kill()
        raise Ended({"event": "failed", "message": f"the process was ended: it gave {what} of another form than was asked for",
                     "hung": False, "garbled": True, "traceback": ""})


def _is_of(found: Any, names: tuple[str, ...], each: Callable[[Any], bool]) -> bool:
    return isinstance(found, dict) and set(found) == set(names) and all(map(each, found.values()))


def _is_shape(found: Any) -> bool:
    return isinstance(found, list) and len(found) <= 16 and all(type(n) is int and 0 <= n < 2**31 for n in found)


def _is_real(found: Any) -> bool:
    return isinstance(found, np.ndarray) and found.dtype.kind in KINDS


def _is_lines(found: Any) -> bool:
    return isinstance(found, list) and len(found) <= LINES and all(
        isinstance(line, list) and len(line) == 2 and type(line[0]) is int and 0 < line[0] < 2**31 and isinstance(line[1], str)
        and len(line[1]) <= PRINTED for line in found)
