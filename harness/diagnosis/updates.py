"""An optimizer's step that is not the question's: what its gradients are made of, what it does with them, which parameters it
has; and running averages that are moved in another way."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import permutations, product

import numpy as np

from harness.diagnosis.departures import Changed, Departure, same, wrong_gradients
from harness.diagnosis.finding import Finding
from harness.diagnosis.formulas import CLOSE, differences
from harness.diagnosis.walk import Walk
from harness.exact.formula import Formula, written
from harness.exact.gradients import plain
from harness.exact.model import Model, Pass, Update
from harness.exact.solve import solve
from harness.messages import some
from harness.tasks import Task, float32

NAMES = {"learning_rate": "the learning rate", "beta1": "beta1", "beta2": "beta2", "epsilon": "epsilon",
         "decay": "the decay of the mean of squares"}
KEPT = {0.99: "Keras's default", 0.1: "the weight of the new one and of the old one exchanged", 0.8: "", 0.999: "",
        0.95: "", 0.5: "", 0.01: "", 0.2: ""}
Constants = Mapping[str, Mapping[str, float | str]]
Gradients = Mapping[str, np.ndarray]        # by parameter
MOST = 5            # calls of a network in a step, of which it is asked how often each moves running averages, and in which order
BEFORE = "the gradients of the step before"
WEIGHTS = "the parameters themselves"


def explain_constants(model: Model, constants: Constants) -> list[Finding]:
    """Optimizers that go by other numbers than the question's, as far as this can be read."""
    found = []
    for name, right in model.constants.items():
        there, asked = constants.get(name, {}), str(model.task.optimizers[name]["algorithm"])
        algorithm = str(there.get("algorithm", ""))
        if algorithm and algorithm.lower() != asked:
            found.append(Finding("optimizer", name, f"it is {algorithm}, where the question has {asked}", yours=algorithm, question=asked))
            continue
        for constant, value in right.items():
            came = there.get(constant)
            if isinstance(came, float) and not abs(float32(came) - value) <= 1e-6 * abs(value):
                default = " (Keras's default)" if constant == "epsilon" and came == 1e-7 else ""
                words = f"{NAMES[constant]} is {came:.6g}{default}, where the question has {value:.6g}"
                found.append(Finding("constant", name, words, yours=f"{came:.6g}", question=f"{value:.6g}"))
        for constant, what in (("weight_decay", "weight decay"), ("clip", "clipping of gradients"), ("momentum", "momentum")):
            came = there.get(constant)
            if isinstance(came, float) and came:
                found.append(Finding("constant", name, f"it has {what} ({came:.6g}), where the question has none"))
    return found


def explain_gradients(task: Task, found: Walk, departure: Departure, before: Gradients | None = None,
                      others: Callable[[], Mapping[str, Gradients]] = dict) -> Finding | None:
    """Of what an update's gradients are the gradient, or None. ``before``: the gradients of the same optimizer one step earlier;
    ``others``: those of losses that other optimizers minimized since then, by the loss, for the same parameters."""
    update = departure.of
    assert isinstance(update, Update)
    trained, came = found.step.trained(update.optimizer), update.taken.gradients
    wrong = wrong_gradients(update, trained)
    finite = all(np.isfinite(came[name]).all() for name in wrong if name in came)
    if not finite and (np.isfinite(found.tape.losses.get(update.loss, np.nan)) or task.repeat):
        # With several steps in one, the loss that is reported is that of the last, after such a step.
        begin, end = ("its gradients are no numbers", ", or what it minimizes is no number itself") if task.repeat else \
            ("the loss is a number, and its gradients are not", "")
        return Finding("gradient", update.optimizer, f"{begin}: they are added to gradients that were never cleared (Chainer's begin "
                       f"as nan), or a root is differentiated at 0{end}")
    none = [name for name in wrong if not np.any(came.get(name, np.zeros(1)))]      # nan is something
    if none and set(none) == set(wrong):
        where = "any of its parameters" if len(none) == len(trained) else some(none)
        return Finding("gradient", update.optimizer, f"no gradient reaches {where}")
    clipped = _clipped(update, trained)
    if clipped:
        return Finding("clipped", update.optimizer, clipped)
    right = _expanded(found, update.loss)
    for names, left in _columns(update, _parts(found, update.loss) & set(update.terms), others):
        columns: dict[str, Gradients] = {name: update.terms[name] for name in update.terms if name in names}
        if before is not None:
            columns[BEFORE] = dict(before)
        columns |= left | {WEIGHTS: update.taken.before}
        coefficients = _solved([name for name in trained if name in came], came, columns, right)
        if coefficients is None:
            one = _by_networks(task, found, update, columns, right, wrong)
        elif kept := [name for name in (BEFORE, *left) if name in coefficients]:
            one = Finding("kept", update.optimizer, f"{' and '.join(kept)} are still there, and these are added to them")
        elif WEIGHTS in coefficients:
            one = Finding("constant", update.optimizer, f"{coefficients[WEIGHTS]:.6g} times the parameters is added to their gradients, "
                          "as by weight decay, where the question has none")
        else:
            coefficients = _in_parts(coefficients, update.loss, right)
            one = Finding("trained", update.optimizer, "what it minimizes: " + "; ".join(differences(task, coefficients, right)),
                          yours=f"{update.loss} = {written(coefficients)}", question=f"{update.loss} = {written(right)}")
        if one:
            return one
    return None


def _columns(update: Update, near: set[str], others: Callable[[], Mapping[str, Gradients]]) -> Iterator[
        tuple[set[str], dict[str, Gradients]]]:
    """The terms whose gradients are tried together, and what ``others`` left: few at first, since each takes a way back through the
    networks."""
    yield near, {}
    left = {f"the gradients that '{loss}' left in its parameters": gradients for loss, gradients in others().items()}
    if left:
        yield near, left
    if near < set(update.terms):
        yield set(update.terms), {}


def _in_parts(coefficients: dict[str, float], loss: str, right: Mapping[str, float]) -> dict[str, float]:
    """With the terms of the loss itself in place of its name, where it is one among others."""
    if loss not in coefficients or loss in right:
        return coefficients
    share = coefficients[loss]
    parts = {term: coefficients.get(term, 0.0) + share * value for term, value in right.items()}
    others = {term: value for term, value in coefficients.items() if term not in right and term != loss}
    return {term: value for term, value in {**parts, **others}.items() if value}


def _clipped(update: Update, trained: list[str]) -> str:
    """Whether the gradients are the question's, cut off or scaled down; in words, or nothing."""
    came, right = update.taken.gradients, update.gradients
    if not all(name in came for name in trained):
        return ""
    mine = np.concatenate([came[name].ravel() for name in trained])
    there = np.concatenate([right[name].ravel() for name in trained])
    bound, norm = float(np.abs(mine).max()), float(np.linalg.norm(mine))
    if bound > 0 and np.abs(np.clip(there, -bound, bound) - mine).max() <= 1e-6 * bound and bound < np.abs(there).max() * (1 - 1e-6):
        return f"the gradients are cut off at {bound:.4g}, where the question takes them as they are"
    share = norm / max(float(np.linalg.norm(there)), 1e-300)
    if 0 < share < 1 - 1e-6 and np.abs(share * there - mine).max() <= 1e-6 * bound and abs(norm / float(f"{norm:.2g}") - 1) < 1e-4:
        return f"the gradients are scaled down to the norm {norm:.4g}, where the question takes them as they are"
    return ""


def _by_networks(task: Task, found: Walk, update: Update, columns: Mapping[str, Gradients], right: Mapping[str, float],
                 wrong: list[str]) -> Finding | None:
    """One network gets other gradients than the others, or some of its parameters none."""
    came = update.taken.gradients
    for network in task.optimizers[update.optimizer]["trains"]:
        of = [name for name in wrong if name.startswith(f"{network}.") and name in came]
        coefficients = _solved(of, came, columns, right) if of else None
        if coefficients is not None:
            lacking = [term for term in right if term not in coefficients]
            words = f"in the {network}, what it minimizes: {'; '.join(differences(task, coefficients, right))}"
            if set(coefficients) <= set(right) and lacking and all(
                    abs(coefficients[t] / right[t] - 1) < CLOSE for t in coefficients):
                words = f"no gradient of {' and '.join(lacking)} reaches the {network}"
            return Finding("trained", update.optimizer, words, yours=f"{update.loss} = {written(coefficients)}",
                           question=f"{update.loss} = {written(right)}")
    return None


def _solved(of: list[str], came: Gradients, columns: Mapping[str, Gradients], right: Mapping[str, float]) -> dict[str, float] | None:
    if not of:
        return None
    flat = {term: np.concatenate([np.ravel(gradients[name]) for name in of]) for term, gradients in columns.items()}
    return solve(np.concatenate([np.ravel(came[name]) for name in of]), flat, set(right))


def _expanded(found: Walk, loss: str) -> dict[str, float]:
    """The loss's own formula."""
    return dict(_formulas(found)[loss].right)


def _formulas(found: Walk) -> dict[str, Formula]:
    return {event.name: event for event in found.step.record.events if isinstance(event, Formula)}


def _parts(found: Walk, loss: str) -> set[str]:
    """All losses, and what this one is a sum of."""
    formulas = _formulas(found)
    parts, left = {name for name in formulas if name in found.tape.losses}, [loss]
    while left:
        more = [term for term in formulas[left.pop()].right if term not in parts or term in formulas]
        parts |= set(more)
        left += [term for term in more if term in formulas]
    return parts


def explain_order(departure: Departure) -> Finding | None:
    """The optimizers' steps in another order or number than the question's."""
    came, asked = departure.name.split(", ") if departure.name else [], departure.of
    missing = [name for name in dict.fromkeys(asked) if name not in came]
    if missing:
        words = f"{' and '.join(missing)} never {'take' if len(missing) > 1 else 'takes'} a step"
    elif sorted(came) == sorted(asked):
        words = f"{came[0]} takes its step first, and should not"
    else:
        name = next(name for name in dict.fromkeys([*came, *asked]) if came.count(name) != asked.count(name))
        times = came.count(name)
        words = f"{name} takes {times} step{'s' if times != 1 else ''} in one train_step, and should take {asked.count(name)}"
    return Finding("order", "train_step", words, yours=", ".join(came) or "no step", question=", ".join(asked))


def explain_others(task: Task, departure: Departure) -> Finding:
    """An optimizer that has parameters of networks that it should not train."""
    networks = sorted({name.partition(".")[0] for name in departure.of})
    trains = " and the ".join(task.optimizers[departure.name]["trains"])
    words = f"its step changes the {' and the '.join(networks)}, too, and should change the {trains} alone"
    return Finding("trained", departure.name, words)


def explain_parameters(task: Task, found: Walk, departure: Departure) -> Finding | None:
    """Parameters that something else than their optimizer changed, or did not change."""
    changed = departure.of
    assert isinstance(changed, Changed)
    names, bound = changed.names, float(task.hyperparameters.get("clip", 0))
    finding = partial(Finding, "clip", names[0].partition(".")[0])
    outside = [name for name in names if bound and name in changed.had and np.abs(changed.had[name]).max() > bound * (1 + 1e-6)]
    if outside:
        late = all(np.abs(found.tape.after[name]).max() <= bound * (1 + 1e-6) for name in outside)
        when = "but only later, after more steps" if late else "before the network is used again"
        what = "the biases" if all(name.endswith(".bias") for name in outside) else some(outside)
        return finding(f"{what} {_are(outside)} not clipped to [-{bound:.3g}, {bound:.3g}] after each step, {when}")
    there = [name for name in names if name in changed.left and name in changed.had]
    most = max((float(np.abs(changed.had[name]).max()) for name in there), default=0.0)
    if there and any(np.abs(changed.left[name]).max() > most for name in there) and all(
            np.allclose(np.clip(changed.left[name], -most, most), changed.had[name], rtol=0, atol=1e-12) for name in there):
        clipped = f"{some(names)} {_are(names)} clipped to [-{most:.3g}, {most:.3g}]"
        if changed.first and bound:
            return finding(f"{clipped} before the step, and should be clipped after it")
        return finding(f"{clipped} {'before' if changed.first else 'after'} a step; the question clips nothing there")
    return Finding("parameters", names[0].partition(".")[0], f"{some(names)} {_are(names)} changed outside of the optimizer's "
                   "step, and should not be")


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _changes(often: tuple[int, ...]) -> int:
    return sum(abs(number - 1) for number in often)


def _counted(often: tuple[int, ...]) -> str:
    """How often each call moves the running averages, where it is not once."""
    said, of = [], f" of {len(often)}" if len(often) > 1 else ""
    twice, never = often.count(2), often.count(0)
    if twice:
        said.append("the same images move the running averages twice: they go through the network twice in a step"
                    + (f" (in {twice}{of} calls)" if len(often) > 1 else ""))
    if never:
        said.append(f"{never}{of} calls in a step {'does' if never == 1 else 'do'} not move the running averages")
    return "; ".join(said)


def explain_averages(model: Model, found: Walk, departure: Departure) -> Finding | None:
    """Running averages by how much of the old ones stays, or how often they are moved: from those of one norm after the step, of
    which all are alike wrong or not."""
    name, spec = departure.name, model.specs[departure.name]
    network, layer, _ = name.split(".")
    passes = [event for event in found.step.record.events if isinstance(event, Pass) and event.network.name == network]
    calls = [event.calls[layer] for event in passes if event.calls[layer].averages]
    if not calls or not calls[0].averages:
        return None
    kept, old = calls[0].norm.kept, plain(calls[0].parameters[spec.role])
    came, place = found.tape.after[name], f"{network}.{layer}"
    new = [(plain(call.averages[spec.role]) - kept * plain(call.parameters[spec.role])) / (1 - kept)
           for call in calls if call.averages]
    right = f"{kept:g} of the old averages is kept at each call, {len(calls)} in a step"

    def averaged(share: float, values: list[np.ndarray]) -> np.ndarray:
        value: np.ndarray = old
        for one in values:
            value = share * value + (1 - share) * one
        return value

    finding = partial(Finding, "averages", place, question=right)
    if same(came, old):
        return finding("the running averages of batch norm are never moved")
    for share, whose in KEPT.items():
        if same(came, averaged(share, new)):
            said = f" ({whose})" if whose else ""
            return finding(f"{share:g} of the old running averages is kept{said}, and not {kept:g}")
    for often in sorted(product(range(3), repeat=len(new)), key=_changes) if len(new) <= MOST else ():
        if same(came, averaged(kept, [value for value, number in zip(new, often) for _ in range(number)])):
            return finding(_counted(often))
    for i, at in [(first, at) for first in range(len(new)) for at in range(first + 2, len(new) + 1)]:      # again, but later
        if same(came, averaged(kept, [*new[:at], new[i], *new[at:]])):
            return finding("the same images move the running averages twice: they go through the network twice in a step")
    for order in permutations(new) if 1 < len(new) <= MOST else ():
        if same(came, averaged(kept, list(order))):
            return finding(f"the calls of the {network} in a step move the running averages in another order")
    number = plain(passes[0].outputs[layer]).size // old.size
    if spec.role == "variance" and number > 1 and same(came, averaged(kept, [v * (number - 1) / number for v in new])):
        return finding("the running variance averages the biased variance (divided by n), and not the unbiased one "
                       "(by n - 1)")
    return None
