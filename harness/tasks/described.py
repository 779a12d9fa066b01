"""Is a task.toml's content what it must be? Whatever is not is one line that names the key and what is allowed."""

import math
from collections.abc import Callable, Iterable
from typing import Any

INITIALIZERS = ("glorot_uniform", "he_normal", "normal")
OF_THE_DATA = ("images", "labels", "masks")
LARGEST = 10 ** 6       # of any size or count


class DescriptionError(Exception):
    """Something in a task.toml is not what it must be."""


def text(where: str, value: Any) -> None:
    """Some words."""
    _hold(isinstance(value, str) and value.strip() != "", where, value, "a text in quotes")


def identifier(where: str, value: Any) -> None:
    """A name in Python."""
    _hold(isinstance(value, str) and value.isidentifier(), where, value, "a name that is valid in Python")


def whole(where: str, value: Any) -> None:
    """A count."""
    _hold(_is_whole(value) and 1 <= value <= LARGEST, where, value, f"a whole number from 1 to {LARGEST:,}")


def number(where: str, value: Any) -> None:
    """A finite number."""
    _hold(isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < 1e30,
          where, value, "a finite number")


def share(where: str, value: Any) -> None:
    """A number from 0 to 1, or arithmetic that comes to one."""
    if not isinstance(value, str):
        number(where, value)
        _hold(0 <= value <= 1, where, value, "from 0 to 1")


def hyperparameter(where: str, value: Any) -> None:
    """Of an answer's constructor: a count where it is whole, and any number else."""
    (whole if _is_whole(value) else number)(where, value)


def size(where: str, value: Any) -> None:
    """A count, or arithmetic that comes to one."""
    _hold(isinstance(value, str) or _is_whole(value), where, value, "a whole number, or a formula in quotes")


def sizes(where: str, value: Any) -> None:
    """A shape."""
    for at, entry in enumerate(_list(where, value)):
        size(f"{where}[{at}]", entry)


def identifiers(where: str, value: Any) -> None:
    """Different names, one or more."""
    for at, entry in enumerate(_list(where, value)):
        identifier(f"{where}[{at}]", entry)
    _hold(0 < len(value) == len(set(value)), where, value, "one name or more, all different")


def interval(where: str, value: Any) -> None:
    """Two numbers, the smaller first."""
    _list(where, value)
    for entry in value:
        number(where, entry)
    _hold(len(value) == 2 and value[0] < value[1], where, value, "two numbers, the smaller first")


def one_of(*known: str) -> Callable[[str, Any], None]:
    """One of the words that are known."""
    def check(where: str, value: Any) -> None:
        _hold(isinstance(value, str) and value in known, where, value, "one of " + ", ".join(known))
    return check


def flag(where: str, value: Any) -> None:
    """Yes or no."""
    _hold(isinstance(value, bool), where, value, "true or false")


def table(required: dict[str, Callable[[str, Any], None]], optional: dict[str, Callable[[str, Any], None]] | None = None,
          others: Callable[[str, Any], None] | None = None) -> Callable[[str, Any], None]:
    """A table with these keys; ``others`` checks what other keys have, and without it there must be none."""
    def check(where: str, value: Any) -> None:
        _hold(isinstance(value, dict), where, value, "a table")
        known = {**required, **(optional or {})}
        for key in required:
            if key not in value:
                raise DescriptionError(f"{_at(where, key)} is missing")
        for key, entry in value.items():
            rule = known.get(key, others)
            if rule is None:
                raise DescriptionError(f"{_at(where, key)} is an unknown key; allowed are {', '.join(known)}")
            rule(_at(where, key), entry)
    return check


def batch_entry(where: str, value: Any) -> None:
    """What comes from the data, or noise."""
    if isinstance(value, str):
        one_of(*OF_THE_DATA)(where, value)
        return
    _hold(isinstance(value, dict), where, value, f"one of {', '.join(OF_THE_DATA)}, or a table with a distribution and a shape")
    options = {"normal": {}, "uniform": {"low": number, "high": number}, "bernoulli": {"probability": share}}
    one_of(*options)(f"{where}.distribution", value.get("distribution"))
    table({"distribution": text, "shape": sizes, **options[value["distribution"]]}, {"once": flag})(where, value)
    if "low" in value:
        _hold(value["low"] < value["high"], f"{where}.low", value["low"], f"less than high ({value['high']})")


def network(where: str, value: Any) -> None:
    """A list of layers, each a table with options of its kind."""
    for at, entry in enumerate(_list(where, value)):
        _hold(isinstance(entry, dict) and isinstance(entry.get("layer"), str), f"{where}[{at}]", entry, "a table with the key 'layer'")
        for key, option in entry.items():
            here = f"{where}[{at}].{key}"
            if key in ("layer", "name"):
                text(here, option)
            elif key == "from":
                for source in [option] if isinstance(option, str) else _list(here, option):
                    text(here, source)
            elif isinstance(option, list):
                sizes(here, option)
            elif not isinstance(option, bool | str):
                number(here, option)
    _hold(len(value) > 1, where, value, "an input and one layer or more")


def optimizer(where: str, value: Any) -> None:
    """An algorithm, the networks that it trains, and its numbers, by name or by value."""
    def setting(where: str, value: Any) -> None:
        if not isinstance(value, str):
            number(where, value)
    table({"algorithm": identifier, "trains": identifiers}, others=setting)(where, value)


def anything(where: str, value: Any) -> None:
    """Checked by whoever reads it."""


NUMBERS = {"batch_size": whole, "steps": whole, "hyperparameters": table({}, others=hyperparameter)}
SIZED = table(NUMBERS, {"number": whole, "data": table({}, others=table({}, {**NUMBERS, "number": whole}))})
TASK = table(
    {"title": text, "class": identifier, "losses": identifiers, "pixels": interval,
     "data": table({"default": text}, {"check": text, "augment": table({}, others=table({}, others=anything)),
                                       "classes": table({}, others=anything)}),
     "full": SIZED, "check": SIZED, "short": SIZED,
     "batch": table({"images": batch_entry}, others=batch_entry),
     "networks": table({}, others=network),
     "initializers": table({"weight": one_of(*INITIALIZERS)}, {"deviation": number}),
     "optimizers": table({}, others=optimizer),
     "samples": table({"ability": identifier, "number": whole})},
    {"number": whole, "draft": flag, "elbo": identifier, "repeat": size, "hyperparameters": table({}, others=hyperparameter),
     "passes": table({}, others=table({}, others=size)),
     "abilities": table({}, others=table({"inputs": identifiers, "output": sizes}, {"arguments": table({}, others=size)})),
     "in_parts": table({}, others=table({"arguments": table({}, others=size), "whole": size}))})


def check(toml: dict[str, Any]) -> None:
    """Raise DescriptionError unless all of ``toml`` is what it must be, and what it names is there."""
    TASK("", toml)
    names = {"networks": toml["networks"], "abilities": toml.get("abilities", {})}
    for optimizer_name, settings in toml["optimizers"].items():
        _named(f"optimizers.{optimizer_name}.trains", settings["trains"], names["networks"])
    for ability, settings in names["abilities"].items():
        _named(f"abilities.{ability}.inputs", settings["inputs"], [*toml["batch"], *(n for n in names["abilities"] if n != ability)])
    _named("in_parts", toml.get("in_parts", {}), names["abilities"])
    _named("samples.ability", [toml["samples"]["ability"]], names["abilities"])
    _named("passes", toml.get("passes", {}), names["networks"])
    _named("elbo", [toml["elbo"]] if "elbo" in toml else [], toml["losses"])
    if toml["initializers"]["weight"] == "normal":
        deviation = toml["initializers"].get("deviation")
        _hold(deviation is not None and deviation > 0, "initializers.deviation", deviation, "a number above 0, because weight is normal")


def _named(where: str, found: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in found:
        _hold(name in known, where, name, "one of " + ", ".join(known))


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _list(where: str, value: Any) -> list[Any]:
    _hold(isinstance(value, list), where, value, "a list")
    found: list[Any] = value
    return found


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _hold(holds: bool, where: str, value: Any, allowed: str) -> None:
    if not holds:
        shown = repr(value)
        raise DescriptionError(f"{where} is {shown if len(shown) <= 60 else shown[:57] + '...'}, but must be {allowed}")
