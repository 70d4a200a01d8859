"""A common scale for dots and whiskers that stand in the rows of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from markupsafe import Markup

from arena.web.common.markup import joined

_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high`, with lines at whole multiples of `step`."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> tuple[float, ...]:
        """Where the lines are."""
        number = round((self.high - self.low) / self.step)
        return tuple(self.low + self.step * tick for tick in range(number + 1))

    def percent(self, value: float) -> float:
        """Return where a value lies, from 0 at the left end to 100."""
        return 100 * (value - self.low) / (self.high - self.low)

    def strip(self, value: float, low: float, high: float) -> Markup:
        """Return a dot at a value with a whisker around it; the numbers stand beside it."""
        line = Markup('<u style="left:{:.1f}%"></u>')
        left, right = self.percent(low), self.percent(high)
        return Markup(
            '<span class="lb-strip" aria-hidden="true">{lines}'
            '<i style="left:{left:.2f}%;width:{width:.2f}%"></i>'
            '<b style="left:{dot:.2f}%"></b></span>'
        ).format(
            lines=joined(line.format(self.percent(tick)) for tick in self.ticks),
            left=left,
            width=right - left,
            dot=self.percent(value),
        )

    @property
    def axis(self) -> Markup:
        """The numbers of the lines, first and last alone where all would not fit."""
        mark = Markup('<span style="left:{:.1f}%">{:,.0f}</span>')
        marks = joined(mark.format(self.percent(tick), tick) for tick in self.ticks)
        return Markup('<span class="lb-axis" aria-hidden="true">{}</span>').format(marks)


def scale_of(values: Sequence[float]) -> Scale:
    """Return the smallest scale with round ends that holds the values."""
    if not values:
        return Scale(0, 1, 1)
    low, high = min(values), max(values)
    span = max(high - low, 1.0)
    step = next((one for one in _STEPS if span / one <= _MOST_TICKS - 1), _STEPS[-1])
    start = floor(low / step) * step
    end = max(ceil(high / step) * step, start + step)
    return Scale(start, end, step)
