"""A question's model: its networks with their parameters, its optimizers, and its program.

The program is ``questions/<task>/program.py``: ``train_step(q, batch)``, and a function for each ability, ``encode(q, images)``.
``q`` is this step: ``q.encoder(images)`` calls a network, ``q.loss`` and ``q.value`` say by which formula something is computed,
``q.update`` takes an optimizer's step. So a program reads as an answer does, and all that it computes can be asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy
from autograd.tracer import isbox

from harness.exact import layers, optimizers
from harness.exact.formula import Formula, Term
from harness.exact.gradients import Array, Trace, plain, tracing
from harness.exact.layers import Norm
from harness.exact.memory import Memory
from harness.tasks import Task
from harness.tasks.content import module
from harness.tasks.network import Layer, Network

Arrays = dict[str, numpy.ndarray]


@dataclass(eq=False)
class Pass:
    """One call of a network: what each layer gave, by its name. ``out``: the last one."""

    network: Network
    training: bool
    outputs: dict[str, Array]
    calls: dict[str, layers.Call]   # what each layer had beside its inputs
    number: int = 0                 # which call of this network it is in its step

    def __getitem__(self, layer: str) -> Array:
        return self.outputs[layer]

    def ends(self) -> list[Layer]:
        """Layers whose output leaves the network: no other layer reads it."""
        read = {source.name for layer in self.network.layers for source in layer.sources}
        return [layer for layer in self.network.layers if layer.name not in read]

    @property
    def out(self) -> Array:
        """What the network gave."""
        return self.outputs[self.network.layers[-1].name]


@dataclass(eq=False)
class Update:
    """One step of one optimizer: the gradients of ``loss`` by parameter."""

    optimizer: str
    loss: str
    gradients: Arrays
    terms: Mapping[str, Arrays] = field(default_factory=dict)  # the gradients of each term, where those of an answer are others
    left: Mapping[str, Arrays] = field(default_factory=dict)   # by the name of its loss, its gradients by all that is trainable
    taken: Any = None                                           # the same step of an answer that is followed
    right: Arrays = field(default_factory=dict)                 # by how much the question's own step moves each parameter


Event = Pass | Formula | Update


@dataclass
class Record:
    """What a step computed, in order: passes, values, losses and updates."""

    events: list[Event] = field(default_factory=list)
    losses: dict[str, float] = field(default_factory=dict)

    def updates(self, end: int | None = None) -> list[Update]:
        """Those among the events, or among so many of them."""
        return [event for event in self.events[:end] if isinstance(event, Update)]


class Model:
    """A task's model. ``parameters``: by name, canonical, float64."""

    def __init__(self, task: Task, parameters: Mapping[str, numpy.ndarray]):
        self.task = task
        self.program = module(task.folder / "program.py")
        self.parameters: Arrays = {name: numpy.asarray(array, numpy.float64) for name, array in parameters.items()}
        self.states: dict[str, optimizers.State] = {}
        self.specs = {p.name: p for network in task.networks.values() for p in network.parameters()}
        self.constants = {name: optimizers.constants(of, task.hyperparameters) for name, of in task.optimizers.items()}
        # Mistakes made here too. By (network, layer, call of the network in a step, or None: in all): what it computes in place of
        # its own; and by name: coefficients of a value or loss in place of the question's.
        self.edits: dict[tuple[str, str, int | None], layers.Work] = {}
        self.formulas: dict[str, dict[str, float]] = {}
        self.h: dict[str, Any] = dict(task.hyperparameters)
        self.within: dict[str, dict[str, Any]] = {}     # those of one network, where they are others there
        self.memory: Memory | None = None       # where the same step is computed again and again

    def step(self, batch: Mapping[str, numpy.ndarray], kind: "Kind | None" = None, traced: bool = True) -> "Step":
        """One training step on a canonical batch, which goes as ``kind`` has it; without gradients where it is not ``traced``."""
        with tracing() if traced else nullcontext() as trace:
            step = (kind or Step)(self, trace, True)
            self.program.train_step(step, batch)
            step.close()
        return step

    def moves(self, optimizer: str, gradients: Mapping[str, numpy.ndarray]) -> Arrays:
        """By how much an optimizer's first step moves each parameter with such gradients."""
        rule, constants = optimizers.RULES[self.task.optimizers[optimizer]["algorithm"]], self.constants[optimizer]
        return {name: rule(numpy.zeros_like(g), g, {}, constants) for name, g in gradients.items()}

    def ask(self, ability: str, inputs: list[numpy.ndarray]) -> numpy.ndarray:
        """What an ability gives, in evaluation mode."""
        of = self.task.abilities[ability]
        step = Step(self, None, training=False)
        output: numpy.ndarray = plain(getattr(self.program, ability)(step, *inputs, **of.arguments))
        return output


class Step:
    """What a program has in hand. ``h``: the hyper-parameters; a network is called by its name."""

    def __init__(self, model: Model, trace: Trace | None, training: bool):
        self.model, self.task, self.trace = model, model.task, trace
        self.h: dict[str, Any] = model.h
        self.training = training
        self.record = Record()
        self.elementary: dict[str, Term] = {}
        self.quiet = False
        self.parameters: dict[str, Array] = {name: self._rooted(name, array) for name, array in model.parameters.items()}

    def _rooted(self, name: str, array: numpy.ndarray) -> Array:
        return self.trace.root(array) if self.trace and self.model.specs[name].trainable else array

    def __getattr__(self, name: str) -> Callable[..., Pass]:
        if name not in self.task.networks:
            raise AttributeError(name)
        return partial(self.call, name)

    def call(self, name: str, *inputs: Array, keep: Mapping[str, Array] | None = None) -> Pass:
        """A network's outputs, in the mode of this step. ``keep``: by dropout layer, 1 where a value stays."""
        network, edits, memory = self.task.networks[name], self.model.edits, self.model.memory
        h = self.model.within.get(name, self.h)
        if self.trace or any(map(isbox, inputs)):
            memory = None
        elif memory:
            inputs = tuple(map(memory.one, inputs))
        before = sum(isinstance(event, Pass) and event.network.name == name for event in self.record.events)
        number = -1 if self.quiet else before
        given = iter(inputs)
        outputs: dict[str, Array] = {}
        calls: dict[str, layers.Call] = {}
        used = {n: array for n, array in self.parameters.items() if n.startswith(f"{name}.")}
        for layer in network.layers:
            averages: dict[str, Array] = {}
            of = {role: used[f"{name}.{layer.name}.{role}"] for role in layer.roles}
            call = layers.Call(of, Norm(h.get("epsilon", 1e-5), self.training), h.get("slope", 0.0),
                               keep=(keep or {}).get(layer.name), dropped=h.get("dropout", 0.5), averages=averages)
            sources = [next(given)] if layer.kind == "input" else [outputs[source.name] for source in layer.sources]
            work = edits.get((name, layer.name, number)) or edits.get((name, layer.name, None), layers.output)
            outputs[layer.name] = memory.output(name, layer, work, sources, call) if memory else work(layer, sources, call)
            calls[layer.name] = call
            if not self.quiet:
                self.parameters |= {f"{name}.{layer.name}.{role}": plain(value) for role, value in averages.items()}
        made = Pass(network, self.training, outputs, calls, number)
        self._note(made)
        return made

    def _note(self, event: Event) -> None:
        if not self.quiet:
            self.record.events.append(event)

    def constant(self, value: Array) -> Array:
        """The same numbers, which no gradient goes back from."""
        return plain(value)

    def terms(self, named: Mapping[str, Term]) -> None:
        """Terms that losses are sums of, the right ones and others; what costs much is a function."""
        self.elementary |= named

    def term(self, name: str) -> Array:
        """A term's value."""
        of = self.elementary[name]
        with self.aside():
            return of() if callable(of) else of

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is computed within leaves no trace in the running averages nor in the record."""
        before, self.quiet = self.quiet, True
        try:
            yield
        finally:
            self.quiet = before

    def loss(self, name: str, right: dict[str, float]) -> Array:
        """A loss by its formula over terms and other losses; it can itself be a term of later ones."""
        right = self.model.formulas.get(name, right)
        formula = Formula(name, right, {term: self.term(term) for term in right})
        self._note(formula)
        value = formula.value()
        self.elementary[name] = value
        self.record.losses[name] = float(plain(value))
        return value

    def value(self, name: str, right: dict[str, float], terms: dict[str, Array]) -> Array:
        """A quantity by its formula, place by place: of arrays of one shape."""
        formula = Formula(name, self.model.formulas.get(name, right), terms)
        self._note(formula)
        return formula.value()

    def update(self, optimizer: str, loss: str) -> None:
        """One step of ``optimizer`` down the gradient of the loss called ``loss``."""
        assert self.trace
        gradients = self.trace.gradients(self.elementary[loss], self.roots(optimizer))
        self._note(Update(optimizer, loss, gradients))
        rule, constants = optimizers.RULES[self.task.optimizers[optimizer]["algorithm"]], self.model.constants[optimizer]
        for name in self.trained(optimizer):
            state = self.model.states.setdefault(f"{optimizer}/{name}", {})
            self.set(name, rule(plain(self.parameters[name]), gradients[name], state, constants))

    def roots(self, optimizer: str, parameters: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """What an optimizer's gradients are with respect to: its parameters as they are, or of ``parameters``."""
        return {name: (self.parameters if parameters is None else parameters)[name] for name in self.trained(optimizer)}

    def trained(self, optimizer: str) -> list[str]:
        """The parameters that an optimizer has."""
        of = self.task.optimizers[optimizer]["trains"]
        return [name for name, spec in self.model.specs.items() if spec.trainable and name.partition(".")[0] in of]

    def clip(self, network: str, bound: float) -> None:
        """Each of a network's trainable parameters into [-bound, bound]."""
        for name, array in self.parameters.items():
            if name.startswith(f"{network}.") and self.model.specs[name].trainable:
                self.set(name, numpy.clip(plain(array), -bound, bound))

    def set(self, name: str, array: numpy.ndarray) -> None:
        """A parameter has these numbers from now on."""
        self.parameters[name] = self._rooted(name, array)

    def close(self) -> None:
        """The model has what this step left."""
        self.model.parameters = {name: plain(array) for name, array in self.parameters.items()}


Kind = Callable[[Model, Trace | None, bool], Step]      # a class of steps: its model, its trace, and whether it is for training
