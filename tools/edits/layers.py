"""Edits of networks: activations, norms, biases, convolutions, concatenations."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from tools.edits.source import Answer, Change, Edit

# What a call of it gives is an activation; and what is one itself.
MAKERS = {"nn.ReLU": "relu", "nn.LeakyReLU": "leaky_relu", "nn.Tanh": "tanh", "nn.Sigmoid": "sigmoid",
          "layers.ReLU": "relu", "layers.LeakyReLU": "leaky_relu"}
FUNCTIONS = {"F.relu": "relu", "F.leaky_relu": "leaky_relu", "F.tanh": "tanh", "F.sigmoid": "sigmoid", "torch.tanh": "tanh",
             "torch.sigmoid": "sigmoid", "tf.nn.relu": "relu", "tf.nn.leaky_relu": "leaky_relu", "tf.tanh": "tanh", "tf.sigmoid": "sigmoid",
             "ops.tanh": "tanh", "ops.sigmoid": "sigmoid", "leaky_relu": "leaky_relu"}
OTHERS = {"relu": ("leaky_relu", "tanh", "elu"), "leaky_relu": ("relu", "elu"), "tanh": ("sigmoid", "relu"), "sigmoid": ("tanh", "relu")}
SAID = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid", "elu": "ELU", "leaky_relu": "LeakyReLU with slope"}
MODULES = {
    "pytorch": {"relu": "nn.ReLU()", "tanh": "nn.Tanh()", "sigmoid": "nn.Sigmoid()", "elu": "nn.ELU()", "leaky_relu": "nn.LeakyReLU()",
                "": "nn.Identity()"},
    "keras": {"relu": "layers.ReLU()", "elu": "layers.ELU()", "leaky_relu": "layers.LeakyReLU()", "": "layers.Identity()",
              "tanh": 'layers.Activation("tanh")', "sigmoid": 'layers.Activation("sigmoid")'}}
CALLED = {
    "pytorch": {"relu": "torch.relu", "tanh": "torch.tanh", "sigmoid": "torch.sigmoid", "elu": "torch.nn.functional.elu",
                "leaky_relu": "torch.nn.functional.leaky_relu"},
    "chainer": {name: f"F.{name}" for name in SAID} | {"": "F.identity"},
    "tensorflow": {"relu": "tf.nn.relu", "tanh": "tf.tanh", "sigmoid": "tf.sigmoid", "elu": "tf.nn.elu", "leaky_relu": "tf.nn.leaky_relu"},
    "keras": {"relu": "ops.relu", "tanh": "ops.tanh", "sigmoid": "ops.sigmoid", "elu": "ops.elu", "leaky_relu": "ops.leaky_relu"}}
NORMS = {"nn.BatchNorm2d", "L.BatchNormalization", "layers.BatchNormalization"}
CONVS = {"nn.Conv2d": "conv", "nn.ConvTranspose2d": "conv_transpose", "L.Convolution2D": "conv", "L.Deconvolution2D": "conv_transpose",
         "layers.Conv2D": "conv", "layers.Conv2DTranspose": "conv_transpose"}
DENSES = {"nn.Linear", "L.Linear", "layers.Dense"}
# Places of kernel, stride, padding among the arguments, and their keywords.
OPTIONS = {"pytorch": {"kernel_size": 2, "stride": 3, "padding": 4, "output_padding": 5}, "chainer": {"ksize": 2, "stride": 3, "pad": 4},
           "keras": {"kernel_size": 1, "strides": 2}}
OPTION_KINDS = {"kernel_size": "kernel", "ksize": "kernel", "stride": "stride", "strides": "stride", "padding": "padding", "pad": "padding",
                "output_padding": "padding"}
BIAS = {"bias": True, "use_bias": True, "nobias": False}
BIAS_OF = {"pytorch": "bias=False", "chainer": "nobias=True", "keras": "use_bias=False"}
CONCATS = {"torch.cat", "F.concat", "tf.concat", "ops.concatenate"}


def edits(answer: Answer) -> Iterator[Edit]:
    """All of them."""
    for node in ast.walk(answer.tree):
        if isinstance(node, ast.expr) and answer.statement(node) not in answer.tree.body:
            yield from _activation(answer, node)
            yield from _order(answer, node)
        if isinstance(node, ast.Call):
            yield from _slope(answer, node)
            yield from _norm(answer, node)
            yield from _bias(answer, node)
            yield from _conv(answer, node)
            yield from _concat(answer, node)


def edit(answer: Answer, node: ast.AST, kind: str, words: str, says: str, layers: frozenset[str] | set[str] = frozenset(),
         changes: tuple[Change, ...] = (), **more: Any) -> Edit:
    """An edit at ``node``. What it says may be said of an ability, too."""
    assert isinstance(node, ast.expr | ast.stmt)
    networks = more.pop("networks", answer.networks(node))
    names = more.pop("names", frozenset()) | answer.abilities(node)
    place = answer.where(node) + (f" ({', '.join(sorted(networks))})" if networks else "")
    return Edit(answer.task.name, answer.framework, kind, words, node.lineno, node.end_lineno or node.lineno, place, changes, says,
                networks, frozenset(layers), names, **more)


def _is_activation(answer: Answer, node: ast.AST) -> str:
    """The kind of an activation that ``node`` is (as a value, to be called), or ""."""
    if isinstance(node, ast.Call):
        name = answer.name(node.func)
        if name == "layers.Activation" and node.args and isinstance(node.args[0], ast.Constant):
            return str(node.args[0].value)
        return MAKERS.get(name, "")
    return FUNCTIONS.get(answer.name(node), "")


def _is_norm(answer: Answer, node: ast.AST) -> bool:
    """Whether ``node`` is a norm (as a value, to be called)."""
    if isinstance(node, ast.Call):
        name = answer.name(node.func)
        return name in NORMS or (name == "norm" and answer.framework in ("pytorch", "chainer"))
    return bool(re.fullmatch(r"(self\.)?norm\d?", answer.name(node))) and not (answer.framework == "keras" and answer.name(node) == "norm")


def _activation(answer: Answer, node: ast.expr) -> Iterator[Edit]:
    parent, framework = answer.parents[node], answer.framework
    if isinstance(parent, ast.keyword) and parent.arg == "activation" and isinstance(node, ast.Constant) and node.value in OTHERS:
        kind = str(node.value)
        others = {"": "None", **{o: f'"{o}"' for o in OTHERS[kind]}}
    elif (kind := _is_activation(answer, node)) and not (isinstance(node, ast.Call) and framework not in MODULES):
        if isinstance(node, ast.Name | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            return
        if isinstance(node, ast.Name) and not (isinstance(parent, ast.Call | ast.List | ast.Tuple) and node.id == "leaky_relu"):
            return
        called = isinstance(parent, ast.Call) and parent.func is node
        if isinstance(node, ast.Call):
            others = {o: MODULES[framework][o] for o in ("", *OTHERS[kind])}
        elif not called:
            if isinstance(parent, ast.Call) and answer.name(parent.func) == "partial":
                return
            others = {o: CALLED[framework][o] for o in ("", *OTHERS[kind])} if "" in CALLED[framework] else {}
        else:
            assert isinstance(parent, ast.Call)
            yield _of_activation(answer, parent, kind, "", (answer.put(parent, f"({answer.of(parent.args[0])})"),))
            for other in OTHERS[kind]:
                yield _of_activation(answer, parent, kind, other,
                                     (answer.put(parent, f"{CALLED[framework][other]}({answer.of(parent.args[0])})"),))
            return
    else:
        return
    for other, text in others.items():
        yield _of_activation(answer, node, kind, other, (answer.put(node, text),))


def _of_activation(answer: Answer, node: ast.expr, kind: str, other: str, changes: tuple[Change, ...]) -> Edit:
    if not other:
        return edit(answer, node, "activation removed", f"no {kind}", "^(missing|ability): there is no ", {kind}, changes)
    return edit(answer, node, "activation replaced", f"{kind} -> {other}", f"^(activation|slope|ability): {SAID[other]}", {kind}, changes)


def _slope(answer: Answer, node: ast.Call) -> Iterator[Edit]:
    name = answer.name(node.func)
    if MAKERS.get(name, FUNCTIONS.get(name)) == "leaky_relu" or (name == "partial" and answer.name(node.args[0]) == "F.leaky_relu"):
        given = [k.value for k in node.keywords if k.arg in ("slope", "negative_slope", "alpha")]
        given += node.args[:1] if name in MAKERS else node.args[1:2] if name in FUNCTIONS else []
        for slope in (0.01, 0.3) if given and name != "leaky_relu" else ():
            yield edit(answer, node, "slope", f"slope {slope:g}", rf"^slope: LeakyReLU with slope {slope:g}\b", {"leaky_relu"},
                       (answer.put(given[0], f"{slope}"),))


def _norm(answer: Answer, node: ast.Call) -> Iterator[Edit]:
    name, framework = answer.name(node.func), answer.framework
    if name in NORMS:
        by = {k.arg: k.value for k in node.keywords}
        epsilon = by.get("eps") or by.get("epsilon") or (node.args[1] if len(node.args) > 1 else None)
        for value in (1e-3, 2e-5) if epsilon else ():
            yield edit(answer, node, "norm epsilon", f"epsilon {value:g}", rf"^epsilon: .*epsilon {value:g}\b", {"batch_norm"},
                       (answer.put(epsilon, f"{value}"),))          # type: ignore[arg-type]
        kept = {0.99: "Keras's default", 0.1: "the two shares exchanged"}
        share = by.get("momentum") or by.get("decay")
        for keeps, whose in kept.items():
            value = round(1 - keeps, 2) if framework == "pytorch" else keeps
            keyword = "decay" if framework == "chainer" else "momentum"
            change = answer.put(share, f"{value}") if share else answer.put(node, answer.of(node)[:-1] + f", {keyword}={value})")
            yield edit(answer, node, "norm momentum", f"{keeps} kept ({whose})", rf"^averages: {keeps:g} of the old", {"batch_norm"},
                       (change,))
    removed = {"pytorch": "nn.Identity()", "chainer": "F.identity", "keras": "layers.Identity()"}
    if framework in removed and _is_norm(answer, node) and isinstance(answer.parents[node], ast.Call | ast.Tuple | ast.List | ast.Starred):
        yield edit(answer, node, "norm removed", "no norm", "^missing: there is no batch norm", {"batch_norm"},
                   (answer.put(node, removed[framework]),))
    elif not isinstance(node.func, ast.Call) and _is_norm(answer, node.func) and name != "norm":
        yield edit(answer, node, "norm removed", "no norm", "^missing: there is no batch norm", {"batch_norm"},
                   (answer.put(node, f"({answer.of(node.args[0])})"),))


def _order(answer: Answer, node: ast.expr) -> Iterator[Edit]:
    """A norm and an activation that stand one after the other in a list, or one in the other."""
    layers = {"batch_norm", "relu", "leaky_relu"}
    elements = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple | ast.List) else []
    for first, second in zip(elements, elements[1:]):
        kinds = _is_norm(answer, first), bool(_is_activation(answer, first)), _is_norm(answer, second), bool(_is_activation(answer, second))
        if kinds in ((True, False, False, True), (False, True, True, False)):
            yield edit(answer, first, "norm moved", f"{answer.of(second)} before {answer.of(first)}", "^order: ", layers,
                       (answer.put(first, answer.of(second)), answer.put(second, answer.of(first))))
    if isinstance(node, ast.Call) and node.args and isinstance(inner := node.args[0], ast.Call):
        outer_is = _is_norm(answer, node.func), bool(_is_activation(answer, node.func))
        inner_is = _is_norm(answer, inner.func), bool(_is_activation(answer, inner.func))
        if (outer_is, inner_is) in (((True, False), (False, True)), ((False, True), (True, False))):
            first_rest = "".join(f", {answer.of(a)}" for a in (*node.args[1:], *node.keywords))
            second_rest = "".join(f", {answer.of(a)}" for a in (*inner.args[1:], *inner.keywords))
            text = f"{answer.of(inner.func)}({answer.of(node.func)}({answer.of(inner.args[0])}{first_rest}){second_rest})"
            yield edit(answer, node, "norm moved", f"{answer.of(inner.func)} after {answer.of(node.func)}", "^order: ", layers,
                       (answer.put(node, text),))


def _bias(answer: Answer, node: ast.Call) -> Iterator[Edit]:
    name = answer.name(node.func)
    layers = {CONVS[name]} if name in CONVS else {"dense"} if name in DENSES else {"conv", "conv_transpose", "dense"}
    given = [k for k in node.keywords if k.arg in BIAS]
    for keyword in given:
        if isinstance(keyword.value, ast.Constant):
            value = not keyword.value.value
            said = "bias added" if value == BIAS[str(keyword.arg)] else "bias taken away"
            yield edit(answer, node, said, f"{keyword.arg}={value}", "^bias: ", layers, (answer.put(keyword.value, f"{value}"),))
    if not given and name in (*CONVS, *DENSES) and answer.framework in BIAS_OF:
        yield edit(answer, node, "bias taken away", BIAS_OF[answer.framework], "^bias: ", layers,
                   (answer.put(node, answer.of(node)[:-1] + f", {BIAS_OF[answer.framework]})"),))


def _conv(answer: Answer, node: ast.Call) -> Iterator[Edit]:
    name, framework = answer.name(node.func), answer.framework
    if name not in (*CONVS, *DENSES) or framework not in OPTIONS:
        return
    kind, by = CONVS.get(name, "dense"), {k.arg: k.value for k in node.keywords}
    units = node.args[0 if framework == "keras" else 1]
    yield edit(answer, node, "channels", "one more", "^channels: ", {kind}, (answer.put(units, f"{answer.of(units)} + 1"),))
    if name not in CONVS:
        return
    numbers: dict[str, tuple[ast.expr, int]] = {}
    for option, at in OPTIONS[framework].items():
        value = by.get(option) or (node.args[at] if len(node.args) > at else None)
        if isinstance(value, ast.Constant) and isinstance(value.value, int):
            numbers[option] = value, value.value
            said = OPTION_KINDS[option]
            others = (3 - value.value,) if said == "stride" else (1 - value.value,) if option == "output_padding" else (
                value.value - 1 or value.value + 2 * (said == "kernel"), value.value + 1)
            for other in others:
                yield edit(answer, node, said, f"{option} {other}",
                           "^(kernel|padding|stride): ", {kind}, (answer.put(value, f"{other}"),))
    padding = by.get("padding")
    if framework == "keras" and isinstance(padding, ast.Constant):
        yield edit(answer, node, "padding", 'padding "valid"', "^padding: ", {kind}, (answer.put(padding, '"valid"'),))
    yield from _padding(answer, node, kind, numbers)


def _padding(answer: Answer, node: ast.Call, kind: str, numbers: dict[str, tuple[ast.expr, int]]) -> Iterator[Edit]:
    """Other values than zeros; or all of them on one side more than on the other, as "same" has it in some cases."""
    at = numbers.get("padding") or numbers.get("pad")
    if at is None or at[1] < 1:
        return
    value, p = at
    if kind == "conv" and answer.framework == "pytorch":
        for mode in ("reflect", "replicate", "circular"):
            yield edit(answer, node, "padding mode", f'padding_mode="{mode}"', "^padding: ", {kind},
                       (answer.put(node, answer.of(node)[:-1] + f', padding_mode="{mode}")'),))
    none = answer.put(value, "0")
    begin, end = answer.span(node)
    for low, high in ((p - 1, p + 1), (p + 1, p - 1)):
        if answer.framework == "pytorch" and kind == "conv":
            before, after = f"nn.Sequential(nn.ZeroPad2d(({low}, {high}, {low}, {high})), ", ")"
        elif answer.framework == "chainer" and kind == "conv":
            pad = f"[(0, 0), (0, 0), ({low}, {high}), ({low}, {high})]"
            before, after = f'chainer.Sequential(lambda x: F.pad(x, {pad}, "constant"), ', ")"
        elif answer.framework == "pytorch" and "output_padding" not in numbers and numbers.get("stride", (value, 1))[1] == 2:
            before, after = "nn.Sequential(", f", nn.ZeroPad2d((-{low}, -{high}, -{low}, -{high})))"
        else:
            return
        changes = (Change(begin, begin, before), none, Change(end, end, after))
        yield edit(answer, node, "padding shifted", f"{low} before, {high} after", "^padding: ", {kind}, changes)


def _concat(answer: Answer, node: ast.Call) -> Iterator[Edit]:
    whole = answer.name(node.func) in CONCATS or (isinstance(node.func, ast.Call) and answer.name(node.func.func) == "layers.Concatenate")
    if whole and node.args and isinstance(of := node.args[0], ast.List) and len(of.elts) == 2:
        first, second = of.elts
        method = answer.method(node)
        networks = answer.networks(node) or frozenset(n for n in answer.task.networks if f"self.{n}(" in answer.of(answer.methods[method]))
        yield edit(answer, node, "concatenation", f"{answer.of(second)} first", "^(order|input|sources): ", {"concat", "input"},
                   (answer.put(first, answer.of(second)), answer.put(second, answer.of(first))), networks=networks)
