"""What a report says: sentences with their sources, in paragraphs, in sections."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """Plain text that ends with its full stop; `cites` are keys of `SOURCES`."""

    text: str
    cites: tuple[str, ...] = ()

    @property
    def unended(self) -> str:
        """The text without its full stop, which stands behind citations."""
        return self.text.removesuffix(".")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its paragraphs."""

    title: str
    paragraphs: tuple[tuple[Sentence, ...], ...]


def section(title: str, *paragraphs: Iterable[Sentence]) -> Section:
    """Return a section without the paragraphs that have nothing to say."""
    said = (tuple(paragraph) for paragraph in paragraphs)
    return Section(title, tuple(paragraph for paragraph in said if paragraph))


def percent(share: float, digits: int = 1) -> str:
    """Write a share from 0 to 1 as `61.2 %`."""
    return f"{100 * share:.{digits}f} %"


def bounds(low: float, high: float) -> str:
    """Write two shares as `55.2–70.9 %`."""
    return f"{100 * low:.1f}–{100 * high:.1f} %"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Write `1 vote`, `12,000 votes`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def enumerated(words: Sequence[str]) -> str:
    """Write `a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def numbered(counts: Mapping[str, int]) -> str:
    """Write `math (12), writing (3)`, the largest number first."""
    order = sorted(counts, key=lambda name: (-counts[name], name))
    return ", ".join(f"{name} ({counts[name]:,})" for name in order)
