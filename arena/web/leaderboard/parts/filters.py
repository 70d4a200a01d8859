"""The form that chooses a board. Its script turns what is chosen into the page's address."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import NamedTuple

from markupsafe import Markup

from arena.domain.board import BoardChoices, BoardFilter
from arena.domain.conversation import ModelKey
from arena.web.leaderboard.query import ONE_ADDRESS, BoardQuery, Tab, day_of, last_day
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import Texts

Names = Mapping[ModelKey, str]

_FEW = 3
"""Of fewer models there is nothing to choose from."""


class _Option(NamedTuple):
    value: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A native field, which every phone and screen reader knows.

    `kind` is `select`, `day`, `boxes` or `check`; `value` is the day, or what a ticked box says.
    """

    kind: str
    name: str
    label: str
    hint: str = ""
    value: str = ""
    options: tuple[_Option, ...] = ()
    checked: bool = False


def filter_form(query: BoardQuery, choices: BoardChoices, names: Names, texts: Texts) -> Markup:
    """Return the form, with the board's own values chosen in it."""
    return rendered(
        "filters",
        tab="" if query.tab is Tab.RATES else query.tab.value,
        first=_select("model", _models(names), query.baseline, texts),
        others=[field for field in _others(query.filter, choices, names, texts) if field],
        number=_number(query.filter),
        texts=texts,
    )


def _others(
    board_filter: BoardFilter, choices: BoardChoices, names: Names, texts: Texts
) -> Iterator[_Field | None]:
    """Return all fields but the model, in their order; None where there is nothing to choose."""
    categories = _named("category", choices.categories, texts)
    languages = _named("language", choices.languages, texts)
    yield _select("campaign", _plain(choices.campaigns), board_filter.campaign, texts)
    yield _select("category", categories, board_filter.category, texts)
    yield _select("language", languages, board_filter.language, texts)
    yield _select("group", _plain(choices.groups), board_filter.group, texts)
    yield _day("since", day_of(board_filter.since), texts)
    yield _day("until", last_day(board_filter.until), texts)
    yield _among(names, board_filter.models, texts)
    yield _check("flagged", "1", texts, checked=board_filter.include_flagged)
    yield _check("without", ONE_ADDRESS, texts, checked=board_filter.without_one_address)


def _number(board_filter: BoardFilter) -> int:
    """Return how many fields say something; models count as one."""
    return sum(getattr(board_filter, one.name) != one.default for one in fields(board_filter))


def _models(names: Names) -> list[tuple[str, str]]:
    return sorted(((str(key), name) for key, name in names.items()), key=lambda one: one[1].lower())


def _plain(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


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
        label=texts[f"leaderboard.filter.{name}"],
        options=tuple(
            _Option(value, word, value == (chosen or "")) for value, word in (everything, *options)
        ),
    )


def _day(name: str, value: str | None, texts: Texts) -> _Field:
    return _Field(
        kind="day",
        name=name,
        label=texts[f"leaderboard.filter.{name}"],
        hint=texts["leaderboard.filter.days_hint"],
        value=value or "",
    )


def _among(names: Names, chosen: frozenset[ModelKey], texts: Texts) -> _Field | None:
    if len(names) < _FEW:
        return None
    return _Field(
        kind="boxes",
        name="among",
        label=texts["leaderboard.filter.among"],
        hint=texts["leaderboard.filter.among_hint"],
        options=tuple(_Option(key, name, key in chosen) for key, name in _models(names)),
    )


def _check(name: str, value: str, texts: Texts, *, checked: bool) -> _Field:
    return _Field(
        kind="check",
        name=name,
        label=texts[f"leaderboard.filter.{name}"],
        hint=texts[f"leaderboard.filter.{name}_hint"],
        value=value,
        checked=checked,
    )
