"""What the address of a figure says besides the filters of its board."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import parse_qs

from arena.domain.characters import to_well_formed
from arena.domain.conversation import ModelKey
from arena.web.leaderboard.figure_style import (
    FigureChoice,
    FigureStyle,
    FigureSubject,
    FigureWidth,
)

_MOST_FIELDS: Final = 1000
_Value = TypeVar("_Value")
_SWITCH: Final[Mapping[str, bool]] = {"on": True, "off": False}


@dataclass(frozen=True, slots=True)
class FigureQuery:
    """What to draw and how; `faults` are the fields of the address that could not be read."""

    choice: FigureChoice
    style: FigureStyle
    faults: tuple[str, ...] = ()


def read_figure_query(text: str) -> FigureQuery:
    """Return what an address says; what it leaves out is the default.

    `of` is `models`, `rates`, `matrix` or `ratings`; `model` and `opponent` may come several times;
    `width` is `one` or `two` columns, `titles`, `notes` and `grey` are `on` or `off`, `least` is a
    number of decisive votes.
    """
    try:
        fields = parse_qs(to_well_formed(text).removeprefix("?"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return FigureQuery(FigureChoice(models=()), FigureStyle(), ("opponent",))
    return _Reading(fields).query()


class _Reading:
    """Reads field by field and collects the names of those that make no sense."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._fields = fields
        self._faults: list[str] = []

    def query(self) -> FigureQuery:
        """Return everything that the fields say."""
        default = FigureStyle()
        style = FigureStyle(
            width=self._read("width", FigureWidth, default.width),
            titles=self._read("titles", _SWITCH.__getitem__, default.titles),
            notes=self._read("notes", _SWITCH.__getitem__, default.notes),
            grey=self._read("grey", _SWITCH.__getitem__, default.grey),
        )
        return FigureQuery(self._choice(), style, tuple(self._faults))

    def _choice(self) -> FigureChoice:
        models = tuple(map(ModelKey, dict.fromkeys(self._fields.get("model", ()))))
        opponents = frozenset(map(ModelKey, self._fields.get("opponent", ())))
        try:
            return FigureChoice(
                models=models,
                opponents=opponents,
                least=self._read("least", _number, 0),
                subject=self._read("of", FigureSubject, FigureSubject.MODELS),
            )
        except ValueError:
            self._faults.append("model")
            return FigureChoice(models=())

    def _read(self, name: str, reading: Callable[[str], _Value], default: _Value) -> _Value:
        text = next(iter(self._fields.get(name, ())), None)
        try:
            return default if text is None else reading(text)
        except (ValueError, KeyError):
            self._faults.append(name)
            return default


def _number(text: str) -> int:
    """Return a natural number; ValueError for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise ValueError("no number of votes")
    return int(text)
