"""Style control as tables."""

from collections.abc import Iterator
from typing import Any

from arena.services.board.value_tables import (
    Estimate,
    Note,
    ValueKind,
    ValueTable,
    headings,
    holds,
)
from arena.statistics.style_control import ControlledModel, StyleControl, StyleEffect

_EFFECTS = headings(feature=ValueKind.WORD, odds=ValueKind.FACTOR)
_CONTROLLED = headings(
    model=ValueKind.MODEL,
    decisive_with_replies=ValueKind.COUNT,
    plain_rate=ValueKind.RATE,
    controlled_rate=ValueKind.RATE,
    plain_rating=ValueKind.RATING,
    plain_rank=ValueKind.RANK,
    controlled_rating=ValueKind.RATING,
    controlled_rank=ValueKind.RANK,
)


def style_tables(style: StyleControl) -> Iterator[ValueTable]:
    """Yield rates and ratings by model, and odds by feature, or the reason why there are none."""
    votes = {"votes": style.votes, "decisive": style.decisive}
    if style.reason is not None:
        why = Note(f"style_{style.reason.name.lower()}", votes)
        yield ValueTable("style", _CONTROLLED, (), (why,))
        return
    notes = [Note("style_votes", votes), *holds(style.scope, style.annotators)]
    if style.untold:
        notes.append(Note("style_untold", {"features": list(style.untold)}))
    models = sorted(style.models, key=lambda one: (-one.rate, one.model))
    yield ValueTable("style", _CONTROLLED, tuple(map(_controlled, models)), tuple(notes))
    yield ValueTable("style_effects", _EFFECTS, tuple(map(_effect, style.effects)))


def _controlled(found: ControlledModel) -> tuple[Any, ...]:
    plain = found.plain
    rates = Estimate(plain.rate, plain.interval), Estimate(found.rate, found.interval)
    ranked = (found.plain_elo, found.plain_rank, found.elo, found.rank)
    return (found.model, plain.decisive, *rates, *ranked)


def _effect(effect: StyleEffect) -> tuple[Any, ...]:
    return (effect.name, Estimate(effect.odds, effect.bounds))
