"""Style control as tables."""

from collections.abc import Iterator
from typing import Any

from arena.services.board.value_tables import (
    MODEL,
    Estimate,
    Heading,
    Note,
    ValueKind,
    ValueTable,
    holds,
)
from arena.statistics.style_control import ControlledModel, StyleControl, StyleEffect

_EFFECTS = (Heading("feature", ValueKind.WORD), Heading("odds", ValueKind.FACTOR))
_CONTROLLED = (
    MODEL,
    Heading("decisive_with_replies", ValueKind.COUNT),
    Heading("plain_rate", ValueKind.RATE),
    Heading("controlled_rate", ValueKind.RATE),
    Heading("plain_rating", ValueKind.RATING),
    Heading("plain_rank", ValueKind.RANK),
    Heading("controlled_rating", ValueKind.RATING),
    Heading("controlled_rank", ValueKind.RANK),
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
