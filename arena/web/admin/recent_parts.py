"""What the overview says of today and the days before: numbers, and votes by day as a chart."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from markupsafe import Markup

from arena.domain.battle import BattleState
from arena.services.operations.overview import Overview
from arena.services.operations.recent import RecentWork
from arena.web.common.markup import NOTHING, Words, joined
from arena.web.leaderboard.parts.numbers import percent

_STEP: Final = 20
_BAR: Final = 14
_HEIGHT: Final = 48


def recent_part(words: Words, overview: Overview) -> Markup:
    """Return tiles and chart; nothing where the database could not be read."""
    recent = overview.recent
    if not recent.votes:
        return NOTHING
    return Markup("<section class='recent'>{}{}</section>").format(
        _tiles(words, overview), _chart(words, recent)
    )


def _tiles(words: Words, overview: Overview) -> Markup:
    recent = overview.recent
    facts = {
        "votes_today": f"{recent.votes_today:,}",
        "votes_in_all": f"{overview.votes:,}",
        "cut_share": percent(recent.cut),
        "void_share": percent(recent.share_in(BattleState.VOID)),
        "abandoned_share": percent(recent.share_in(BattleState.ABANDONED)),
    }
    tile = Markup("<div><dt>{}</dt><dd>{}</dd></div>")
    tiles = joined(tile.format(words[f"overview.{key}"], value) for key, value in facts.items())
    return Markup("<dl class='facts'>{}</dl>").format(tiles)


def _chart(words: Words, recent: RecentWork) -> Markup:
    days = recent.votes
    spoken = words["overview.chart"].format(
        first=min(days), last=max(days), most=f"{_most(days):,}"
    )
    bars = joined(_bar(words, place, day, days) for place, day in enumerate(days))
    return Markup(
        "<figure><figcaption>{spoken}</figcaption>"
        "<svg viewBox='0 0 {width} {height}' role='img' aria-label='{spoken}'>"
        "{bars}<line x1='0' x2='{width}' y1='{height}' y2='{height}'/></svg></figure>"
    ).format(spoken=spoken, width=_STEP * len(days), height=_HEIGHT, bars=bars)


def _bar(words: Words, place: int, day: date, days: Mapping[date, int]) -> Markup:
    """Return the bar of a day, which says its number under the pointer."""
    number = days[day]
    height = _HEIGHT * number / max(1, _most(days))
    said = words["overview.day"].format(day=day, votes=f"{number:,}")
    return Markup(
        "<rect x='{}' y='{:.1f}' width='{}' height='{:.1f}'><title>{}</title></rect>"
    ).format(_STEP * place + (_STEP - _BAR) // 2, _HEIGHT - height, _BAR, height, said)


def _most(days: Mapping[date, int]) -> int:
    return max(days.values())
