"""The ladder: an answer is taken up rung by rung, and each says what is right, or what was expected and what came.

It stands outside the process that runs the learner's code: that one is asked for raw numbers (``harness.runner``), here they
are compared.

    loads          the file loads, the class is there and can be built, networks and optimizers are named
    networks       each network has the layers of the question's table, declared in whatever order
    initial        initial weights are distributed as the question asks
    shapes         the abilities give the right shapes
    forward        ... and, from common weights at which mistakes show, the right numbers
    first losses   the losses of the first training step, from the same weights
    curve          all losses and parameters of further steps, from there and then from initial weights such as the question asks for
    abilities      the abilities after these steps
    float32        the losses of a training step in float32, as training computes; where all else is right
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.feedback import fingerprint
from harness.feedback.fingerprint import Fingerprint
from harness.frameworks import LAYOUTS, Arrays
from harness.lockstep.difference import curve_difference
from harness.runner import later
from harness.runner.bench import PASSED, WRONG
from harness.runner.client import ByNetwork, Process, Runner, Stopped
from harness.runner.source import Source
from harness.tasks import AnswerError, Task, initialization, parameters
from harness.training.batches import Batches, axes, canonical, native
from harness.training.contract import Asked

if TYPE_CHECKING:
    from harness.diagnosis.subject import Subject

RUNGS = ("loads", "networks", "initial", "shapes", "forward", "first losses", "curve", "abilities", "float32")
# A message of a framework about two types that do not go together.
TYPES = re.compile(r"(?is)(float64|double).*(float32|\bfloat\b)|(float32|\bfloat\b).*(float64|double)")
IN_FLOAT64 = "A check computes in float64, training in float32: let a constant have the type of what it meets, or be a plain number"


@dataclass
class Rung:
    """What came of one rung. ``lines``: (line number, source) of the learner's file, innermost last."""

    name: str
    status: str = PASSED
    message: str = ""
    facts: list[str] = field(default_factory=list)
    lines: list[list[Any]] = field(default_factory=list)


class Ladder:
    """Take an answer up all rungs, as far as it goes, in ``process``.

    data: arrays by name, as in ``Batches``; right: the right answer's fingerprint, or None where it is being made; seed: of
    weights, order and noise; gigabytes: what the answer may use, None: no limit; terminal: it may use the one of its process.
    """

    def __init__(self, task: Task, process: Process, source: Source, data: Mapping[str, np.ndarray], right: Fingerprint | None,
                 seed: int = 0, gigabytes: float | None = None, terminal: bool = False):
        self.task, self.source, self.right, self.seed, self.gigabytes = task, source, right, seed, gigabytes
        self.terminal, self.data = terminal, data
        self.runner = Runner(process, Asked.by(task))
        self.layout = LAYOUTS[process.framework]
        self.batches = self._batches(self.layout)
        self.specs = {name: network.parameters() for name, network in task.networks.items()}
        self.found: Fingerprint = {}           # the fingerprint, as far as it got
        self.rungs: list[Rung] = []
        self.begin: Arrays = {}
        self.outputs: Arrays = {}               # what the abilities gave last, canonical
        self.early: Arrays = {}                 # ... and before the first step
        self.ordered = True         # it is known which of the answer's parameters is which of the question's
        self._printed: str | None = None

    def climb(self, on_rung: Callable[[Rung], None] = lambda rung: None, last: str = RUNGS[-1]) -> list[Rung]:
        """All rungs up to ``last``, or to the first where the answer could not go on; ``on_rung`` hears of each as it is done.

        Where the abilities are wrong at the weights that they were given, these may be at other places than the answer has them: if
        one finds out where, it is taken up once more. Raises Ended where the process does; ``rungs`` then has those before.
        """
        self._climb(on_rung, last)
        if self.right and self._nearly() and (right := fingerprint.as_written(
                self.task, self.found, self._canonical, parameters.probing(self.task.networks, self.seed), self.begin)):
            self.right = {**self.right, **right}
            self.rungs.clear()
            self._climb(on_rung, last)
        wrong = self._wrong_abilities()
        if wrong and not {"first losses", "curve"} <= set(self._passed()):      # else all that is trained is where it should be
            first = {**self.runner.order}, self.found, self.outputs, [*self.rungs]
            came = len(self._passed()), -len(wrong)
            self._printed = self.runner.printed()
            from harness.feedback import order  # with autograd, which a right answer has no use for

            self.ordered = order.settled(self.subject, wrong, self.task, self.runner, self.layout)
            if self.runner.order != first[0]:
                self.found = {}
                self.rungs.clear()
                self._climb(on_rung, last)
                if (len(self._passed()), -len(self._wrong_abilities())) <= came:        # a mistake that looks like another order
                    self.runner.order, self.found, self.outputs, self.rungs[:] = first
        return self.rungs

    def _climb(self, on_rung: Callable[[Rung], None], last: str) -> None:
        for name in RUNGS[:RUNGS.index(last) + 1]:
            self.rungs.append(self._try(name))
            on_rung(self.rungs[-1])
            if self.found.get("stopped") or (name == "abilities" and (not self.right or self._passed() != [r.name for r in self.rungs])):
                break

    def _nearly(self) -> bool:
        """It gives the right numbers up to the first update, and later some that are nearly right."""
        failed = {rung.name for rung in self.rungs if rung.status != PASSED}
        return bool(failed) and failed <= {"curve", "abilities"} and fingerprint.near(self.found, self.right or {})

    def _passed(self) -> list[str]:
        return [rung.name for rung in self.rungs if rung.status == PASSED]

    def _wrong_abilities(self) -> list[str]:
        """Those that give wrong numbers before any training."""
        return list(fingerprint.wrong(self.found, self.right, "forward")) if self.right else []

    def subject(self, seed: int = 0) -> "Subject":
        """The answer built anew, to be asked at other weights; ``seed``: of its own randomness, which it should have no use for.
        Raises Stopped or Ended where it cannot be any more."""
        from harness.diagnosis.subject import Subject

        self._load(seed)
        self.runner.networks()
        self.runner.begin(self._native(self.begin))
        return Subject(self.task, self.runner, self.layout, self.batches, self._canonical)

    @cached_property
    def _canonical(self) -> Batches:
        return self.batches if self.layout == "NCHW" else self._batches("NCHW")

    def _batches(self, layout: str) -> Batches:
        arrays = (self.data["images"], self.data["labels"], self.data.get("masks"))
        return Batches(self.task, *arrays, seed=self.seed, precision="float64", layout=layout)

    def first_losses(self) -> dict[str, float] | None:
        """Those of the first step, from weights at which mistakes show; None if it has not come so far."""
        curves = self.found.get("curves")
        return {name: values[0] for name, values in curves.items()} if curves else None

    def printed(self) -> str:
        """What the learner's code has printed."""
        return self.runner.printed() if self._printed is None else self._printed

    def _try(self, name: str) -> Rung:
        rung = Rung(name)
        try:
            getattr(self, "_" + name.replace(" ", "_"))(rung)
        except Stopped as stopped:
            advice = f". {IN_FLOAT64}" if TYPES.search(str(stopped)) else ""
            rung.status, rung.message, rung.lines = stopped.status, f"{stopped}{advice}", stopped.lines
            self.found["stopped"] = [name, rung.message]
        except AnswerError as error:
            rung.status, rung.message = WRONG, str(error)
            self.found["stopped"] = [name, rung.message]
        return rung

    def _loads(self, rung: Rung) -> None:
        self._load()

    def _load(self, seed: int = 0) -> None:
        self.runner.load(self.source.path, self.source.content, self.source.folder, self.gigabytes, self.terminal, seed)

    def _networks(self, rung: Rung) -> None:
        shapes = self.runner.networks()
        self.found["shapes"] = {name: [list(parameters.canonical_shape(shape, self.layout)) for shape in of]
                                for name, of in shapes.items()}
        order, mismatches = {}, []
        for name, network in self.task.networks.items():
            try:
                order[name] = parameters.order(network, shapes[name], self.layout)
            except parameters.ParameterMismatch as mismatch:
                rung.facts += parameters.two_columns(network, shapes[name], self.layout)
                mismatches.append(mismatch)
        if mismatches:
            raise mismatches[0]     # it says which is the first
        self.found["shapes"] = {name: [list(p.shape) for p in of] for name, of in self.specs.items()}
        self.runner.order = self.runner.order or order

    def _initial(self, rung: Rung) -> None:
        complaints = initialization.complaints(self.task, self._parameters(), self.layout)
        _complain(rung, complaints, "the initial weights are not as the question asks")
        self.begin = parameters.initial(self.task.networks, self.task.initializers, self.seed)
        self.runner.begin(self._native(self.begin))

    def _native(self, arrays: Arrays) -> ByNetwork:
        """Parameters as the framework has them."""
        return parameters.native_of(self.specs, arrays, self.layout)

    def _probe(self) -> None:
        """Give the answer weights at which every mistake shows, whatever the question's initial ones are."""
        probe = parameters.probing(self.task.networks, self.seed)
        self.found["initial"] = fingerprint.digests(probe)
        self.runner.put(self._native(probe))

    def _parameters(self) -> Arrays:
        """All parameters by name, canonical."""
        return parameters.canonical_of(self.specs, self.runner.parameters(), self.layout)

    def _shapes(self, rung: Rung) -> None:
        self._probe()
        self.outputs = self._asked()

    def _asked(self) -> Arrays:
        """What all abilities make of the samples, canonical; the inputs of some are outputs of others."""
        number = self.task.samples["number"]
        values, outputs = self.batches.samples(number), {}
        for name, ability in self.task.abilities.items():
            values[name] = self.runner.ask(name, [values[i] for i in ability.inputs])
            asked_for = native(np.empty((number, *ability.output), np.bool_), self.layout).shape
            if values[name].shape != asked_for:
                raise AnswerError(f"{name} gave shape {values[name].shape}, the question asks for {asked_for} "
                                  f"({axes(asked_for, self.layout)})")
            outputs[name] = canonical(np.asarray(values[name], np.float64), self.layout)
        return outputs

    def _forward(self, rung: Rung) -> None:
        self.early = self.outputs
        self.found["forward"] = fingerprint.digests(self.outputs)
        self.found["ranges"] = {name: [float(array.min()), float(array.max())] for name, array in self.outputs.items()}
        if self.right:
            self._compare(rung, "forward", "before training, with given weights, {} returns wrong numbers")

    def _first_losses(self, rung: Rung) -> None:
        losses = self.runner.step(self.batches(0))
        self.found["curves"] = {name: [value] for name, value in losses.items()}
        self.found["updated"] = fingerprint.digests(self._parameters())
        if not self.right:
            return
        for name, value in losses.items():
            expected = self.right["curves"][name][0]
            if curve_difference(np.array([value]), np.array([expected]))[0] > fingerprint.TOLERANCE:
                rung.status = WRONG
                rung.facts.append(f"{name}: expected {expected:.10g}, got {value:.10g}")
                rung.message = "the losses of the first step are wrong"

    def _curve(self, rung: Rung) -> None:
        for step in range(1, fingerprint.STEPS):
            if step == fingerprint.FIRST:
                self.runner.put(self._native(self.begin))
            for name, value in self.runner.step(self.batches(step)).items():
                self.found["curves"][name].append(value)
        self.found["parameters"] = fingerprint.digests(self._parameters())
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
        if rung.status == PASSED:
            _complain(rung, later.changing(self.runner, fingerprint.STEPS, self.task.training), "the learning rate changes later")

    def _abilities(self, rung: Rung) -> None:
        self.outputs = self._asked()
        given = {**self.batches.samples(1), **{name: native(array, self.layout) for name, array in self.outputs.items()}}
        self.found["abilities"] = fingerprint.digests(self.outputs)
        if self.right:
            self._compare(rung, "abilities", "after training, in evaluation mode, {} returns wrong numbers")
        if self.right and rung.status == PASSED:
            _complain(rung, later.at_once(self.runner, self.task.abilities, given), "what the question wants in parts is computed at once")

    def _float32(self, rung: Rung) -> None:
        """Where the weights at which mistakes show are too large for an answer in float32, the question's initial ones decide."""
        batch, right = self.batches(0), {name: values[0] for name, values in self.found["curves"].items()}
        try:
            came = self.runner.trial("float32", self._native(parameters.probing(self.task.networks, self.seed)), batch)
            if fingerprint.far(came, right):
                came, right = (self.runner.trial(precision, self._native(self.begin), batch) for precision in ("float32", "float64"))
        except Stopped as stopped:
            raise Stopped(stopped.status, f"in float32, in which training computes: {stopped}", stopped.lines) from None
        rung.facts = [f"{name}: {right[name]:.7g} in float64, {came[name]:.7g} in float32" for name in fingerprint.far(came, right)]
        if rung.facts:
            rung.status, rung.message = WRONG, "in float32, in which training computes, the losses of the first step are others"

    def _compare(self, rung: Rung, part: str, message: str) -> None:
        assert self.right
        if differ := fingerprint.wrong(self.found, self.right, part):
            first = next(iter(differ))
            rung.status, rung.message = WRONG, message.format(first)
            rung.facts = [f"{name}: relative difference {value:.2g}" for name, value in differ.items()]


def _complain(rung: Rung, facts: list[str], message: str) -> None:
    if facts:
        rung.status, rung.message, rung.facts = WRONG, message, facts
