"""A quantity as a sum of terms with coefficients: kl = 1/2 mu² + 1/2 exp(log_var) - 1/2 log_var - 1/2."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from harness.exact.gradients import Array

SHARE = 100_000     # 1/n that are fractions; of greater n one would be met by chance

Term = Array | Callable[[], Array]


@dataclass(eq=False)
class Formula:
    """``right``: the coefficients of the question, by term. ``terms``: these and others that one might take, by name."""

    name: str
    right: dict[str, float]
    terms: Mapping[str, Array]

    def value(self) -> Array:
        """What it comes to."""
        total: Array = 0.0
        for term, coefficient in self.right.items():
            part = self.terms[term]
            total = total + (part if coefficient == 1 else coefficient * part)
        return total

    def text(self, coefficients: Mapping[str, float] | None = None) -> str:
        """As one reads it: with the question's coefficients, or with others."""
        return f"{self.name} = {written(self.right if coefficients is None else coefficients)}"


def written(coefficients: Mapping[str, float]) -> str:
    """A sum: "1/2 mu² - 1/2 log_var - 1/2"."""
    parts = []
    for term, coefficient in coefficients.items():
        if term.startswith("-"):            # its own sign goes before the number
            term, coefficient = term[1:], -coefficient
        size = number(abs(coefficient))
        what = size if term == "1" else term if size == "1" else f"{size} {term}"
        parts.append(("- " if coefficient < 0 else "+ ") + what)
    text = " ".join(parts).removeprefix("+ ") or "0"
    return "-" + text[2:] if text.startswith("- ") else text


def number(value: float, largest: int = 4096) -> str:
    """A coefficient as a whole number or a fraction where it is one to ten digits, as a decimal otherwise."""
    nearest = Fraction(value).limit_denominator(largest)
    if nearest and abs(float(nearest) - value) <= 1e-10 * abs(value) and (nearest.denominator <= 64 or nearest.numerator <= 8):
        return str(nearest)
    share = round(1 / value) if 1 / SHARE <= value < 1 else 0       # a mean over all values of a batch
    if share and abs(value * share - 1) <= 1e-10 < abs(float(f"{value:.4g}") / value - 1):
        return f"1/{share}"
    return f"{value:.6g}"
