"""The form that chooses a board. Its script turns what is chosen into the page's address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from arena.domain.board import (
    FILTER_FIELDS,
    BoardChoices,
    BoardFilter,
    FieldKind,
    FilterField,
)
from arena.domain.board_fields import day_of
from arena.domain.conversation import ModelKey
from arena.web.leaderboard.query import BoardQuery, MoreColumn, Tab
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import Texts

Names = Mapping[ModelKey, str]

_SUSPECTS = "without_one_address"
_ADDRESS_VOTES = "votes_per_address"
_NUMBERS = (100, 300, 1_000, 3_000)
"""What is offered where any number can be asked for in the address."""
_FEW = 3
"""Of fewer models there is nothing to choose from."""


class _Option(NamedTuple):
    value: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A native field, which every phone and screen reader knows.

    `kind` is `select`, `days`, `boxes` or `check`; `value` is a day, or what a ticked box says.
    `days` has the first and the last one as `parts`. `shown` is what a closed chip says is chosen,
    `pattern` how the page's script says it anew; `is_set` is whether it limits the board, and
    `only` the one tab that it is about.
    """

    kind: str
    name: str
    label: str
    hint: str = ""
    value: str = ""
    options: tuple[_Option, ...] = ()
    parts: tuple["_Field", ...] = ()
    checked: bool = False
    is_set: bool = False
    shown: str = ""
    pattern: str = ""
    only: str = ""


def filter_form(
    query: BoardQuery,
    choices: BoardChoices,
    names: Names,
    texts: Texts,
    *,
    suspects: bool = False,
    admin: bool = False,
) -> Markup:
    """Return the form, with the board's own values chosen in it.

    `suspects` is whether there are votes from one address at an implausible rate: without any
    there is nothing to leave out. `admin` is whether an admin reads: votes of an address could
    tell others what one person said.
    """
    hidden = {_SUSPECTS: not suspects, _ADDRESS_VOTES: not admin}
    fields = [
        field
        for field in FILTER_FIELDS
        if field.kind is not FieldKind.LAST_DAY  # beside the first one
        if field.is_set(query.filter) or not hidden.get(field.attribute)
    ]
    return rendered(
        "filters",
        tab="" if query.tab is Tab.RATES else query.tab.value,
        first=_select("model", _models(names), query.baseline, texts),
        others=[
            *(
                shown
                for field in fields
                if (shown := _shown(field, query.filter, choices, names, texts))
            ),
            _columns(query, texts),
        ],
        number=_number(query.filter),
        texts=texts,
    )


def _shown(
    field: FilterField,
    board_filter: BoardFilter,
    choices: BoardChoices,
    names: Names,
    texts: Texts,
) -> _Field | None:
    """Return a field with the filter's value in it; None where there is nothing to choose."""
    match field.kind:
        case FieldKind.CHOICE:
            options = _named(field.name, choices.get(field.attribute, ()), texts)
            return _select(field.name, options, field.of(board_filter), texts)
        case FieldKind.FIRST_DAY | FieldKind.LAST_DAY:
            return _days(board_filter, texts)
        case FieldKind.NUMBER:
            numbers = [(str(number), f"{number:,}") for number in _NUMBERS]
            value = field.of(board_filter)
            return _select(field.name, numbers, None if value is None else str(value), texts)
        case FieldKind.MODELS:
            return _among(field.name, names, board_filter.models, texts)
    return _check(field, texts, checked=field.of(board_filter))


def _number(board_filter: BoardFilter) -> int:
    """Return how many fields say something; models count as one."""
    return sum(field.is_set(board_filter) for field in FILTER_FIELDS)


def _models(names: Names) -> list[tuple[str, str]]:
    return sorted(((str(key), name) for key, name in names.items()), key=lambda one: one[1].lower())


def _named(kind: str, values: Iterable[str], texts: Texts) -> list[tuple[str, str]]:
    """Return our own words for the values we know, the value itself for all others."""
    return [(value, texts.get(f"{kind}.{value}", value)) for value in values]


def _select(
    name: str, options: list[tuple[str, str]], chosen: str | None, texts: Texts
) -> _Field | None:
    """Return no field where there is nothing to choose from and nothing chosen."""
    if not options and chosen is None:
        return None
    if chosen is not None and chosen not in {value for value, _ in options}:
        options = [*options, (chosen, chosen)]
    everything = ("", texts["leaderboard.filter.all"])
    return _Field(
        kind="select",
        name=name,
        is_set=chosen is not None and name != "model",
        label=texts[f"leaderboard.filter.{name}"],
        options=tuple(
            _Option(value, word, value == (chosen or "")) for value, word in (everything, *options)
        ),
    )


def _days(board_filter: BoardFilter, texts: Texts) -> _Field:
    """Return one chip for the first and the last day."""
    parts = tuple(
        _Field(
            kind="day",
            name=field.name,
            label=texts[f"leaderboard.filter.{field.name}"],
            value=day_of(field, board_filter),
        )
        for field in FILTER_FIELDS
        if field.kind in (FieldKind.FIRST_DAY, FieldKind.LAST_DAY)
    )
    is_set = any(part.value for part in parts)
    period = " – ".join(part.value or "…" for part in parts)
    return _Field(
        kind="days",
        name="days",
        label=texts["leaderboard.filter.days"],
        hint=texts["leaderboard.filter.days_hint"],
        parts=parts,
        is_set=is_set,
        shown=period if is_set else texts["leaderboard.filter.all"],
        pattern=texts["leaderboard.filter.all"],
    )


def _among(name: str, names: Names, chosen: frozenset[ModelKey], texts: Texts) -> _Field | None:
    if len(names) < _FEW:
        return None
    pattern = texts["leaderboard.filter.some"].replace("{number}", str(len(names)))
    return _Field(
        kind="boxes",
        name=name,
        label=texts[f"leaderboard.filter.{name}"],
        hint=texts[f"leaderboard.filter.{name}_hint"],
        options=tuple(_Option(key, name, key in chosen) for key, name in _models(names)),
        is_set=bool(chosen),
        shown=pattern.replace("{chosen}", str(len(chosen) or len(names))),
        pattern=pattern,
    )


def _columns(query: BoardQuery, texts: Texts) -> _Field:
    """Return the columns that can be added to the table of models; they limit nothing."""
    return _Field(
        kind="boxes",
        name="columns",
        label=texts["leaderboard.filter.columns"],
        hint=texts["leaderboard.filter.columns_hint"],
        options=tuple(
            _Option(one.value, texts[f"leaderboard.column.{one.value}"], one in query.columns)
            for one in MoreColumn
        ),
        only=Tab.RATES.value,
    )


def _check(field: FilterField, texts: Texts, *, checked: bool) -> _Field:
    return _Field(
        kind="check",
        name=field.name,
        label=texts[f"leaderboard.filter.{field.name}"],
        hint=texts[f"leaderboard.filter.{field.name}_hint"],
        value=field.switch,
        checked=checked,
        is_set=checked,
    )
