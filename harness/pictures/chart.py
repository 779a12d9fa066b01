"""A learner's loss curve beside the right one, as SVG that stands in a page."""

import math
from collections.abc import Callable, Iterator, Sequence

from harness.pictures.page import text

WIDTH, HEIGHT = 340, 190
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 30       # margins
RATIO = 30              # of the largest to the smallest loss, from which on the axis is logarithmic
HUGE = 1e300            # the difference of two such numbers is still one

Values = Sequence[float | None]


def chart(name: str, yours: Values, right: Values, framework: str, said: str = "your curve and the right one") -> str:
    """Both curves of one loss. Steps where a loss is no number are left out; the page's style has the colours. ``said``: what it shows."""
    steps = max(len(yours), len(right), 2)
    low, high, log = _range([value for value in (*yours, *right) if _drawn(value)])

    def x(step: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / (steps - 1)

    def y(value: float) -> float:
        at = (_scaled(value, log) - low) / (high - low)
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - at)

    parts = [_grid(low, high, log, y, [x(step) for step in range(steps)])]
    for which, values in (("right", right), (f"yours {text(framework)}", yours)):
        for line in _lines(values):
            places = [(f"{x(step):.1f}", f"{y(value):.1f}") for step, value in line]
            parts.append(f'<polyline class="{which}" points="{" ".join(map(",".join, places))}"/>')
            if which != "right":
                parts += [f'<circle class="{which}" cx="{cx}" cy="{cy}" r="3.5"/>' for cx, cy in places]
    return (f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{text(name)}: {text(said)}">'
            f'{"".join(parts)}</svg>')


def _drawn(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and abs(value) < HUGE


def _range(values: Sequence[float | None]) -> tuple[float, float, bool]:
    """(lowest, highest, whether both are logarithms), with some room."""
    numbers = [value for value in values if value is not None] or [0.0, 1.0]
    log = min(numbers) > 0 and max(numbers) / min(numbers) > RATIO
    low, high = _scaled(min(numbers), log), _scaled(max(numbers), log)
    room = (high - low) * 0.08 or max(abs(high) * 0.05, 1e-9)
    return low - room, high + room, log


def _scaled(value: float, log: bool) -> float:
    return math.log10(value) if log else value


def _lines(values: Values) -> Iterator[list[tuple[int, float]]]:
    """The stretches of a curve that can be drawn."""
    line: list[tuple[int, float]] = []
    for step, value in enumerate(values):
        if value is not None and _drawn(value):
            line.append((step, value))
        elif line:
            yield line
            line = []
    if line:
        yield line


def _grid(low: float, high: float, log: bool, y: Callable[[float], float], steps: list[float]) -> str:
    parts = []
    for i in range(4):
        at = low + (high - low) * (0.08 + 0.84 * i / 3)
        value = 10 ** at if log else at
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
                     f'<text x="{LEFT - 7}" y="{y(value) + 4:.1f}" text-anchor="end">{_tick(value)}</text>')
    parts += [f'<text x="{at:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{step}</text>' for step, at in enumerate(steps, 1)]
    return "".join([*parts, f'<text x="{LEFT - 12}" y="{HEIGHT - 12}" text-anchor="end">step</text>'])


def _tick(value: float) -> str:
    return f"{value:.4g}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.1e}"
