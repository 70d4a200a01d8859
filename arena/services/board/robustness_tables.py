"""Robustness as tables: the same on the page, on the terminal and in documents."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, NamedTuple

from arena.services.board.robustness import BoardRobustness
from arena.statistics.style_control import ControlledModel, StyleControl, StyleEffect
from arena.statistics.thresholds import Scope


class Kind(Enum):
    """What the values of a column are, which says how people read them. Any may be None.

    `RATE` and `FACTOR` (of odds) are `Estimate`s; `RANK` has `best` and `worst`.
    """

    MODEL = auto()
    WORD = auto()
    COUNT = auto()
    RATE = auto()
    FACTOR = auto()
    RATING = auto()
    RANK = auto()


class Estimate(NamedTuple):
    """A number and its 95 % interval, an object with `low` and `high`; either may be None."""

    value: float | None
    bounds: Any = None


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: a name of ours, and the kind of what stands under it."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence of ours by its name, with its figures."""

    name: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RobustnessTable:
    """A table by its name, and what must be known to read it."""

    name: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[Note, ...] = ()


def robustness_tables(found: BoardRobustness) -> Iterator[RobustnessTable]:
    """Yield what is known of a board, most asked for first."""
    yield from _style(found.style)


def robustness_document(found: BoardRobustness) -> dict[str, Any]:
    """Return the tables under the key `robustness` of `arena leaderboard --json`."""
    return {
        table.name: {
            "rows": [_row(table.headings, row) for row in table.rows],
            "notes": {note.name: dict(note.figures) for note in table.notes},
        }
        for table in robustness_tables(found)
    }


def _row(headings: tuple[Heading, ...], row: tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for heading, value in zip(headings, row, strict=True):
        if heading.kind in (Kind.RATE, Kind.FACTOR):
            found[heading.name] = value.value
            found |= _ends(heading.name, value.bounds, ("low", "high"))
        elif heading.kind is Kind.RANK:
            found |= _ends(heading.name, value, ("best", "worst"))
        else:
            found[heading.name] = value
    return found


def _ends(name: str, value: Any, ends: tuple[str, str]) -> dict[str, Any]:
    return {f"{name}_{end}": None if value is None else getattr(value, end) for end in ends}


_MODEL = Heading("model", Kind.MODEL)
_EFFECTS = (Heading("feature", Kind.WORD), Heading("odds", Kind.FACTOR))
_CONTROLLED = (
    _MODEL,
    Heading("decisive_with_replies", Kind.COUNT),
    Heading("plain_rate", Kind.RATE),
    Heading("controlled_rate", Kind.RATE),
    Heading("plain_rating", Kind.RATING),
    Heading("plain_rank", Kind.RANK),
    Heading("controlled_rating", Kind.RATING),
    Heading("controlled_rank", Kind.RANK),
)


def _style(style: StyleControl) -> Iterator[RobustnessTable]:
    votes = {"votes": style.votes, "decisive": style.decisive}
    if style.reason is not None:
        why = Note(f"style_{style.reason.name.lower()}", votes)
        yield RobustnessTable("style", _CONTROLLED, (), (why,))
        return
    notes = [Note("style_votes", votes), *_holds(style.scope, style.annotators)]
    if style.untold:
        notes.append(Note("style_untold", {"features": list(style.untold)}))
    models = sorted(style.models, key=lambda one: (-one.rate, one.model))
    yield RobustnessTable("style", _CONTROLLED, tuple(map(_controlled, models)), tuple(notes))
    yield RobustnessTable("style_effects", _EFFECTS, tuple(map(_effect, style.effects)))


def _holds(scope: Scope, annotators: int) -> list[Note]:
    """Return for whom intervals hold; nothing where there are none."""
    if scope is Scope.NONE:
        return []
    return [Note(f"holds_{scope.name.lower()}", {"annotators": annotators})]


def _controlled(found: ControlledModel) -> tuple[Any, ...]:
    plain = found.plain
    rates = Estimate(plain.rate, plain.interval), Estimate(found.rate, found.interval)
    ranked = (found.plain_elo, found.plain_rank, found.elo, found.rank)
    return (found.model, plain.decisive, *rates, *ranked)


def _effect(effect: StyleEffect) -> tuple[Any, ...]:
    return (effect.name, Estimate(effect.odds, effect.bounds))
