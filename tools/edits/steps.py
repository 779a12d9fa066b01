"""Edits of the training: what is detached, in which mode, coefficients and reductions of losses, constants of optimizers."""

import ast
from collections.abc import Iterator
from typing import Any

from tools.edits.layers import edit
from tools.edits.source import Answer, Change, Edit

SUMS = {"sum": "mean", "mean": "sum", "F.sum": "F.mean", "F.mean": "F.sum", "tf.reduce_sum": "tf.reduce_mean",
        "tf.reduce_mean": "tf.reduce_sum", "ops.sum": "ops.mean", "ops.mean": "ops.sum"}
MEANS = {"F.mse_loss", "F.l1_loss", "F.binary_cross_entropy_with_logits"}
LOSS = "^(loss|value|trained|reported): "
DOUBLED = f"{LOSS}|^input: .* is doubled"       # or what a network is called with
CLIP = "^(clip|parameters): "
GRADIENT = "^(trained|gradient|kept|parameters|order): "
# Of each library and algorithm: the constants in the order of their arguments, with their defaults and what the check calls them.
ADAM = {"beta1": (0.9, "beta1"), "beta2": (0.999, "beta2")}
DEFAULTS: dict[tuple[str, str], dict[str, tuple[Any, str]]] = {
    ("pytorch", "Adam"): {"lr": (1e-3, "the learning rate"), "betas": ((0.9, 0.999), "beta[12]"), "eps": (1e-7, "epsilon")},
    ("pytorch", "RMSprop"): {"lr": (1e-2, "the learning rate"), "alpha": (0.99, "the decay"), "eps": (1e-8, "epsilon")},
    ("chainer", "Adam"): {"alpha": (1e-3, "the learning rate"), **ADAM, "eps": (1e-7, "epsilon")},
    ("chainer", "RMSprop"): {"lr": (1e-2, "the learning rate"), "alpha": (0.99, "the decay"), "eps": (1e-8, "epsilon")},
    ("keras", "Adam"): {"learning_rate": (1e-3, "the learning rate"), "beta_1": (0.9, "beta1"), "beta_2": (0.999, "beta2"),
                        "epsilon": (1e-7, "epsilon")},
    ("keras", "RMSprop"): {"learning_rate": (1e-3, "the learning rate"), "rho": (0.9, "the decay"), "epsilon": (1e-7, "epsilon")}}


def edits(answer: Answer) -> Iterator[Edit]:
    """All of them."""
    normed = {name for name, network in answer.task.networks.items() if any(layer.kind == "batch_norm" for layer in network.layers)}
    for function in dict.fromkeys((*answer.trains.values(), *answer.methods.values())):
        if function.name == "__init__":
            yield from _optimizers(answer, function)
            continue
        trained = function.name in answer.trains
        for node in ast.walk(function):
            if trained and isinstance(node, ast.Call | ast.Attribute | ast.With | ast.Expr):
                yield from _gradients(answer, node)
            if isinstance(node, ast.expr) and trained:
                yield from _coefficients(answer, node)
                yield from _reductions(answer, node)
            if isinstance(node, ast.Call) and normed & {answer.name(node.func).removeprefix("self.")}:
                yield from _mode(answer, node, trained)
    yield from _doubled(answer)


def _of_step(answer: Answer, node: ast.AST, kind: str, words: str, says: str, *changes: Change) -> Edit:
    used = answer.of(answer.statement(node))
    optimizers = {name for name in answer.task.optimizers if f"self.{name}" in used}
    optimizers |= {name for name, of in answer.task.optimizers.items()
                   if any(f"self.{n}." in used or f"self.{n}(" in used for n in of["trains"])}
    if kind.startswith("gradients") or not optimizers:
        optimizers |= set(answer.task.optimizers) if len(answer.task.optimizers) == 1 or kind.startswith("gradients") else set()
    clipped = set(answer.task.networks) if says == CLIP else set()
    return edit(answer, node, kind, words, says, changes=changes, networks=frozenset(), names=answer.losses(node) | optimizers | clipped)


def _gradients(answer: Answer, node: ast.AST) -> Iterator[Edit]:
    """What keeps gradients from where they should not go, forgotten."""
    if isinstance(node, ast.Call):
        name = answer.name(node.func)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "detach":
            yield _of_step(answer, node, "gradients: detach", "no detach()", GRADIENT, answer.put(node, answer.of(node.func.value)))
        elif name in ("tf.stop_gradient", "ops.stop_gradient"):
            yield _of_step(answer, node, "gradients: detach", f"no {name}", GRADIENT, answer.put(node, f"({answer.of(node.args[0])})"))
        elif name == "chainer.grad" and isinstance(answer.parents[node], ast.Expr):
            loss = answer.of(node.args[0]).strip("[]")
            yield _of_step(answer, node, "gradients: backward", "backward() for chainer.grad", GRADIENT,
                           answer.put(node, f"{loss}.backward()"))
        for keyword in node.keywords:
            if keyword.arg in ("create_graph", "enable_double_backprop"):
                yield _of_step(answer, node, "gradients: constant", f"{keyword.arg}=False", GRADIENT, answer.put(keyword.value, "False"))
            elif keyword.arg == "inputs" and name.endswith(".backward"):
                yield _of_step(answer, node, "gradients: backward", "backward() into all", GRADIENT,
                               answer.put(node, f"{answer.of(node.func)}()"))
    elif isinstance(node, ast.Attribute) and node.attr == "array" and isinstance(node.ctx, ast.Load) and not isinstance(
            answer.parents[node], ast.Attribute | ast.keyword):
        yield _of_step(answer, node, "gradients: detach", "no .array", GRADIENT, answer.put(node, answer.of(node.value)))
    elif isinstance(node, ast.With):
        for item in node.items:
            said = answer.of(item.context_expr)
            if item.optional_vars is None and said.endswith(("no_grad()", "no_backprop_mode()", "stop_recording()")):
                _, end = answer.span(item.context_expr)
                start = answer.span(node)[0]
                yield _of_step(answer, item.context_expr, "gradients: no_grad", f"no {said}", GRADIENT, Change(start, end, "if True"))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        said = node.value.func.attr
        if said in ("zero_grad", "cleargrads"):
            yield _of_step(answer, node, "gradients: kept", f"no {said}()", GRADIENT, answer.put(node, "pass"))
        elif said == "requires_grad_" and node.value.args:
            yield _of_step(answer, node, "gradients: frozen", f"no {answer.of(node)}", GRADIENT, answer.put(node, "pass"))


def _mode(answer: Answer, node: ast.Call, trained: bool) -> Iterator[Edit]:
    """A network in evaluation mode in training, or in training mode outside of it."""
    statement, network = answer.statement(node), answer.name(node.func)
    networks = frozenset({network.removeprefix("self.")})
    said = "in evaluation mode" if trained else "in training mode"
    says = "^(mode|averages): |^ability: .* in training mode"
    changes: list[tuple[str, tuple[Change, ...]]] = []
    begin, end = answer.span(statement)
    if answer.framework == "pytorch":
        changes.append((f"{said}, left there", (answer.put(node.func, f"{network}.{'eval' if trained else 'train'}()"),)))
        if trained and isinstance(statement, ast.Assign):
            changes.append((said, (Change(begin, begin, f"{network}.eval(); "), Change(end, end, f"; {network}.train()"))))
    elif answer.framework == "chainer" and isinstance(statement, ast.Assign | ast.Return | ast.Expr):
        changes.append((said, (Change(begin, begin, f'with chainer.using_config("train", {not trained}): '),)))
    else:
        given = next((k for k in node.keywords if k.arg == "training"), None)
        if given is not None:
            changes.append((said, (answer.put(given.value, f"{not trained}"),)))
        elif len(node.args) == 1 and not trained:
            changes.append((said, (answer.put(node, answer.of(node)[:-1] + ", training=True)"),)))
    for words, made in changes:
        yield edit(answer, node, "mode in training" if trained else "mode of an ability", words, says, {"batch_norm"}, made,
                   networks=networks)


def _coefficients(answer: Answer, node: ast.expr) -> Iterator[Edit]:
    """A number or hyper-parameter in front of something, or under it; a sign; a label."""
    parent = answer.parents[node]
    grand = answer.parents[parent]
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        value = node.value
        assert isinstance(value, int | float)
        signed = isinstance(parent, ast.UnaryOp) and isinstance(grand, ast.BinOp) and isinstance(grand.op, ast.Mult | ast.Div)
        if signed or (isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult | ast.Div)):
            for other in dict.fromkeys((1, 2 * value)):
                if other != value:
                    yield _of_step(answer, node, "coefficient", f"{value} -> {other}", LOSS, answer.put(node, f"{other}"))
        elif (isinstance(parent, ast.Call) and node in parent.args and answer.name(parent.func).rpartition(".")[2] in answer.trains
              and value in (0, 1)):
            for label in (1 - value, 0.9 if value else 0.1):
                yield _of_step(answer, node, "label", f"{value} -> {label}", LOSS, answer.put(node, f"{label}"))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        of_clip = "clip" in answer.of(node)
        yield _of_step(answer, node, "clip" if of_clip else "sign", f"{answer.of(node)}: no minus", CLIP if of_clip else LOSS,
                       answer.put(node, f"({answer.of(node.operand)})"))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        name = answer.name(node.left)
        if name.removeprefix("self.") in answer.task.hyperparameters:
            yield _of_step(answer, node, "coefficient", f"no {name}", LOSS, answer.put(node, answer.of(node.right)))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and answer.of(node.right).startswith("len("):
        yield _of_step(answer, node, "reduction", f"no / {answer.of(node.right)}", LOSS, answer.put(node, f"({answer.of(node.left)})"))


def _doubled(answer: Answer) -> Iterator[Edit]:
    """Each loss, as it is computed, times 2."""
    for function in answer.trains.values():
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if any(to[0] == "loss" or to == ("return", function.name) for to in answer._flow.get((function.name, name), ())) and \
                        answer.losses(node) & set(answer.task.losses) and not isinstance(node.value, ast.Dict):
                    begin, end = answer.span(node.value)
                    yield _of_step(answer, node, "coefficient", f"{name} times 2", DOUBLED, Change(begin, begin, "2 * ("),
                                   Change(end, end, ")"))


def _reductions(answer: Answer, node: ast.expr) -> Iterator[Edit]:
    if not isinstance(node, ast.Call):
        return
    name = answer.name(node.func)
    method = isinstance(node.func, ast.Attribute) and node.func.attr in ("sum", "mean") and name not in SUMS
    if method or name in SUMS:
        assert isinstance(node.func, ast.Attribute)
        _, end = answer.span(node.func)
        said = node.func.attr if method else name
        length = len(said)
        yield _of_step(answer, node, "reduction", f"{said} -> {SUMS[said]}", LOSS, Change(end - length, end, SUMS[said]))
        axes = [*node.args[0 if method else 1:], *node.keywords]
        if axes:
            kept = "" if method else answer.of(node.args[0])
            yield _of_step(answer, node, "reduction", f"{said} over all", LOSS, answer.put(node, f"{answer.of(node.func)}({kept})"))
        if method and isinstance(node.func.value, ast.Call) and answer.of(node.func.value.func).endswith(".sum"):
            yield _of_step(answer, node, "reduction", f"no {said}()", LOSS, answer.put(node, answer.of(node.func.value)))
    for keyword in node.keywords:
        if keyword.arg == "reduction" and isinstance(keyword.value, ast.Constant):
            for other in {"none": ("mean",), "sum": ("mean",), "mean": ("sum",)}[str(keyword.value.value)]:
                yield _of_step(answer, node, "reduction", f'reduction="{other}"', LOSS, answer.put(keyword.value, f'"{other}"'))
    if name in MEANS and answer.framework == "pytorch" and not any(k.arg == "reduction" for k in node.keywords):
        yield _of_step(answer, node, "reduction", 'reduction="sum"', LOSS, answer.put(node, answer.of(node)[:-1] + ', reduction="sum")'))


def _optimizers(answer: Answer, function: ast.FunctionDef) -> Iterator[Edit]:
    """A constant replaced by its default: the library's own, of epsilon another's (Keras's is 1e-7)."""
    library = "keras" if answer.framework == "tensorflow" else answer.framework
    for node in ast.walk(function):
        arguments: list[tuple[str, ast.expr]] = []
        algorithm = "RMSprop" if "RMSprop" in answer.text else "Adam"
        known = DEFAULTS[library, algorithm]
        if isinstance(node, ast.Call) and answer.name(node.func).endswith((".Adam", ".RMSprop")):
            first = 1 if library == "pytorch" else 0
            arguments = [*zip(known, node.args[first:]), *((k.arg, k.value) for k in node.keywords if k.arg)]
        elif isinstance(node, ast.Call) and answer.name(node.func) == "dict":
            arguments = [(k.arg, k.value) for k in node.keywords if k.arg]
        elif isinstance(node, ast.Dict):
            arguments = [(k.value, v) for k, v in zip(node.keys, node.values) if isinstance(k, ast.Constant) and isinstance(k.value, str)]
        for name, value in arguments:
            if name in known and answer.of(value) != f"{known[name][0]}":
                default, said = known[name]
                yield edit(answer, value, f"optimizer: {name}", f"{name}={default}", f"^constant: {said} ",
                           changes=(answer.put(value, f"{default}"),), networks=frozenset(), names=frozenset(answer.task.optimizers))
