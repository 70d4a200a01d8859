"""The form that chooses a board. Its script turns what is chosen into the page's address."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from html import escape

from arena.domain.board import BoardChoices, BoardFilter
from arena.domain.conversation import ModelKey
from arena.web.leaderboard.query import ONE_ADDRESS, BoardQuery, day_of, last_day
from arena.web.leaderboard.view import Texts

Names = Mapping[ModelKey, str]


def filter_form(query: BoardQuery, choices: BoardChoices, names: Names, texts: Texts) -> str:
    """Native fields, which every phone and screen reader knows."""
    chosen = query.filter
    model = _select("model", _models(names), query.baseline, texts)
    others = "".join(
        (
            _select("campaign", _plain(choices.campaigns), chosen.campaign, texts),
            _select(
                "category", _named("category", choices.categories, texts), chosen.category, texts
            ),
            _select(
                "language", _named("language", choices.languages, texts), chosen.language, texts
            ),
            _select("group", _plain(choices.groups), chosen.group, texts),
            _day("since", day_of(chosen.since), texts),
            _day("until", last_day(chosen.until), texts),
            _among(names, chosen.models, texts),
            _check("flagged", "1", texts, checked=chosen.include_flagged),
            _check("without", ONE_ADDRESS, texts, checked=chosen.without_one_address),
        )
    )
    label, reset = escape(texts["leaderboard.filters"]), escape(texts["leaderboard.filter.reset"])
    return (
        f'<form class="lb-filters" id="board-form" aria-label="{label}">{model}'
        f'{_more(chosen, texts)}<div class="lb-more" id="more-filters">{others}'
        f'<button type="reset" id="filter-reset">{reset}</button></div></form>'
    )


def _more(chosen: BoardFilter, texts: Texts) -> str:
    """Shows all the other fields where there is room for few. Its script keeps the number."""
    label, number = escape(texts["leaderboard.filter.more"]), _number(chosen)
    count = f": {number}" if number else ""
    return (
        '<button type="button" id="filter-more" aria-expanded="false" aria-controls="more-filters">'
        f"{label}<span>{count}</span></button>"
    )


def _number(chosen: BoardFilter) -> int:
    """How many fields say something; models count as one."""
    return sum(getattr(chosen, one.name) != one.default for one in fields(chosen))


def _models(names: Names) -> list[tuple[str, str]]:
    return sorted(((str(key), name) for key, name in names.items()), key=lambda one: one[1].lower())


def _plain(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


def _named(kind: str, values: Iterable[str], texts: Texts) -> list[tuple[str, str]]:
    """Our own words for the values we know, the value itself for all others."""
    return [(value, texts.get(f"{kind}.{value}", value)) for value in values]


def _select(name: str, options: list[tuple[str, str]], chosen: str | None, texts: Texts) -> str:
    """Nothing to choose from, no field."""
    if not options and chosen is None:
        return ""
    if chosen is not None and chosen not in {value for value, _ in options}:
        options = [*options, (chosen, chosen)]
    everything = ("", texts["leaderboard.filter.all"])
    inside = "".join(_option(*option, chosen=chosen or "") for option in [everything, *options])
    label = escape(texts[f"leaderboard.filter.{name}"])
    return (
        f'<label>{label}<select name="{name}" id="filter-{name}" autocomplete="off">{inside}'
        "</select></label>"
    )


def _option(value: str, name: str, *, chosen: str) -> str:
    mark = " selected" if value == chosen else ""
    return f'<option value="{escape(value)}"{mark}>{escape(name)}</option>'


def _day(name: str, value: str | None, texts: Texts) -> str:
    label = escape(texts[f"leaderboard.filter.{name}"])
    hint = escape(texts["leaderboard.filter.days_hint"])
    return (
        f'<label title="{hint}">{label}<input type="date" name="{name}" id="filter-{name}" '
        f'value="{value or ""}" autocomplete="off"></label>'
    )


def _among(names: Names, chosen: frozenset[ModelKey], texts: Texts) -> str:
    if len(names) < 3:
        return ""
    boxes = "".join(
        f'<label><input type="checkbox" name="among" value="{escape(key)}"'
        f"{' checked' if key in chosen else ''}>{escape(name)}</label>"
        for key, name in _models(names)
    )
    title, hint = texts["leaderboard.filter.among"], texts["leaderboard.filter.among_hint"]
    return (
        f'<details class="lb-among"><summary id="filter-among">{escape(title)}</summary>'
        f"<fieldset><legend>{escape(hint)}</legend>{boxes}</fieldset></details>"
    )


def _check(name: str, value: str, texts: Texts, *, checked: bool) -> str:
    label, hint = texts[f"leaderboard.filter.{name}"], texts[f"leaderboard.filter.{name}_hint"]
    return (
        f'<label class="lb-check" title="{escape(hint)}"><input type="checkbox" name="{name}" '
        f'id="filter-{name}" value="{value}"{" checked" if checked else ""}>{escape(label)}</label>'
    )
