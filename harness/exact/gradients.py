"""Gradients of whatever was computed with respect to parameters, at any moment of a training step.

autograd differentiates functions; a training step is a script: networks are called, a loss is taken, one network is updated,
and the rest goes on with the new one. So the step runs in one trace of autograd's that stays open, its parameters are roots
of it, and the way back is walked from any value. A gradient within a gradient (a penalty) is autograd's own ``grad``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy
from autograd.core import VJPNode, add_outgrads, vspace
from autograd.tracer import getval, isbox, new_box, toposort, trace_stack

Array = Any         # NumPy's, or autograd's box around one


Gradients = dict[str, numpy.ndarray]        # by parameter


class Trace:
    """An open trace. ``root`` puts an array under watch, ``gradients`` walks back to all that are."""

    def __init__(self, number: int):
        self.number = number

    def root(self, array: numpy.ndarray) -> Array:
        """The same array, watched."""
        return new_box(array, self.number, VJPNode.new_root())

    def gradients(self, value: Array, roots: Mapping[str, Array]) -> Gradients:
        """The gradient of the number ``value`` with respect to each of ``roots``; zeros where it does not depend on one."""
        found = {id(root._node): name for name, root in roots.items()}
        gradients = {name: numpy.zeros_like(plain(root)) for name, root in roots.items()}
        if not isbox(value):
            return gradients
        waiting = {value._node: (vspace(plain(value)).ones(), False)}
        on_the_way = _between(value._node, set(found))
        for node in toposort(value._node, lambda node: on_the_way.get(node, ())):
            if node not in on_the_way:
                continue
            gradient = waiting.pop(node)
            if id(node) in found:
                gradients[found[id(node)]] = gradient[0]
            for parent, part in zip(node.parents, node.vjp(gradient[0])):
                if parent in on_the_way:
                    waiting[parent] = add_outgrads(waiting.get(parent), part)
        return gradients


class GradientsOf(Mapping[str, Gradients]):
    """The gradients of some values with respect to the same roots; each is computed when it is asked for first, also when the trace
    is closed."""

    def __init__(self, trace: Trace, values: Mapping[str, Array], roots: Mapping[str, Array]):
        self.trace, self.values_of, self.roots = trace, dict(values), dict(roots)
        self.known: dict[str, Gradients] = {}

    def __getitem__(self, name: str) -> Gradients:
        if name not in self.known:
            self.known[name] = self.trace.gradients(self.values_of[name], self.roots)
        return self.known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_of)

    def __len__(self) -> int:
        return len(self.values_of)


def _between(end: VJPNode, roots: set[int]) -> dict[VJPNode, list[VJPNode]]:
    """The nodes from which a way leads on to one of ``roots``, by ``id``, with those of their parents from which one does."""
    found: dict[VJPNode, list[VJPNode]] = {}
    seen, stack = set(), [(end, False)]
    while stack:
        node, done = stack.pop()
        if done:
            parents = [parent for parent in node.parents if parent in found]
            if parents or id(node) in roots:
                found[node] = parents
        elif node not in seen:
            seen.add(node)
            stack += [(node, True), *((parent, False) for parent in node.parents)]
    return found


@contextmanager
def tracing() -> Iterator[Trace]:
    """A trace that is open for as long."""
    with trace_stack.new_trace() as number:
        yield Trace(number)


def plain(value: Array) -> Any:
    """The array itself, which nothing goes back from: what frameworks call detached."""
    while isbox(value):
        value = getval(value)
    return value
