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


class Trace:
    """An open trace. ``root`` puts an array under watch, ``gradients`` walks back to all that are."""

    def __init__(self, number: int):
        self.number = number

    def root(self, array: numpy.ndarray) -> Array:
        """The same array, watched."""
        return new_box(array, self.number, VJPNode.new_root())

    def gradients(self, value: Array, roots: Mapping[str, Array]) -> dict[str, numpy.ndarray]:
        """The gradient of the number ``value`` with respect to each of ``roots``; zeros where it does not depend on one."""
        found = {id(root._node): name for name, root in roots.items()}
        gradients = {name: numpy.zeros_like(plain(root)) for name, root in roots.items()}
        if not isbox(value):
            return gradients
        waiting = {value._node: (vspace(plain(value)).ones(), False)}
        for node in toposort(value._node):
            gradient = waiting.pop(node)
            if id(node) in found:
                gradients[found[id(node)]] = gradient[0]
            for parent, part in zip(node.parents, node.vjp(gradient[0])):
                waiting[parent] = add_outgrads(waiting.get(parent), part)
        return gradients


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
