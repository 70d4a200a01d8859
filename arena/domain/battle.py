"""The battle state machine and what a page may know of a battle before the vote."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from arena.domain.errors import Conflict, Refusal

BattleId = NewType("BattleId", str)
"""Opaque and random; the only name by which a browser knows a battle."""


class BattleState(StrEnum):
    """Where a battle is. `revealed_at` is a column of its own, not a state."""

    GENERATING = "generating"
    COMPLETE = "complete"
    STOPPED = "stopped"
    VOID = "void"
    VOTED = "voted"
    ABANDONED = "abandoned"


_NEXT: dict[BattleState, frozenset[BattleState]] = {
    BattleState.GENERATING: frozenset(
        {
            BattleState.COMPLETE,
            BattleState.STOPPED,
            BattleState.VOID,
            BattleState.ABANDONED,
        }
    ),
    BattleState.COMPLETE: frozenset(
        {BattleState.GENERATING, BattleState.VOTED, BattleState.ABANDONED}
    ),
    BattleState.STOPPED: frozenset(
        {BattleState.GENERATING, BattleState.COMPLETE, BattleState.ABANDONED}
    ),
    BattleState.VOID: frozenset(),
    BattleState.VOTED: frozenset(),
    BattleState.ABANDONED: frozenset(),
}

OPEN_STATES = frozenset(state for state, following in _NEXT.items() if following)


def require_transition(source: BattleState, target: BattleState) -> None:
    """Raise `Conflict` with the sentence that fits, unless `source -> target` is a transition."""
    if target not in _NEXT[source]:
        raise Conflict(_refusal(source, target))


def _refusal(source: BattleState, target: BattleState) -> Refusal:
    if source is BattleState.VOTED:
        return Refusal.ALREADY_VOTED
    if source not in OPEN_STATES:
        return Refusal.BATTLE_CLOSED
    if target is BattleState.VOTED:
        return Refusal.NOT_COMPLETE
    return Refusal.STILL_GENERATING


def slot_letter(position: int) -> str:
    """Return the name of a slot on screen: 0 is A."""
    return chr(ord("A") + position)


class Notice(StrEnum):
    """One battle-level sentence under the columns, never about a single slot."""

    LENGTH_LIMIT = "length_limit"
    STOPPED = "stopped"
    VOID = "void"


class Action(StrEnum):
    """What the annotator may do now."""

    VOTE = "vote"
    NEXT_TURN = "next_turn"
    STOP = "stop"
    CONTINUE = "continue"
    RETRY = "retry"
    VOTE_EARLIER = "vote_earlier"


@dataclass(frozen=True, slots=True)
class TurnView:
    """One user message and what is visible of each slot's reply, in slot order."""

    prompt: str
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of a battle: a vote or a follow-up speaks of these texts and no others.

    Another tab of the same person may have gone on meanwhile. `digest` is of all prompts and
    replies, SHA-256 in hexadecimal digits.
    """

    battle_id: BattleId
    digest: str


@dataclass(frozen=True, slots=True)
class BattleView:
    """A battle as the annotator may see it before the vote.

    This type has no place for a model, a time, a token count or an error: what is not here
    cannot leak. `recognised` is what the annotator has ticked.
    """

    battle_id: BattleId
    state: BattleState
    slots: int
    turns: tuple[TurnView, ...]
    truncated: bool = False
    recognised: bool = False

    @property
    def shown(self) -> Shown:
        """What a page with this view speaks of."""
        texts = json.dumps([[turn.prompt, *turn.replies] for turn in self.turns])
        return Shown(self.battle_id, hashlib.sha256(texts.encode()).hexdigest())

    def require(self, shown: Shown) -> None:
        """Raise `Conflict(PAGE_OUTDATED)` unless that is what a page has of the battle."""
        if self.shown != shown:
            raise Conflict(Refusal.PAGE_OUTDATED)

    @property
    def notice(self) -> Notice | None:
        """The sentence to show, if any."""
        if self.state is BattleState.VOID:
            return Notice.VOID
        if self.state is BattleState.STOPPED:
            return Notice.STOPPED
        if self.state is BattleState.COMPLETE and self.truncated:
            return Notice.LENGTH_LIMIT
        return None

    @property
    def actions(self) -> frozenset[Action]:
        """What may be done in this state."""
        if self.state is BattleState.GENERATING:
            return frozenset({Action.STOP})
        if self.state is BattleState.STOPPED:
            earlier = {Action.VOTE_EARLIER} if len(self.turns) > 1 else set()
            return frozenset({Action.RETRY, *earlier})
        if self.state is BattleState.VOID:
            return frozenset({Action.RETRY})
        if self.state is BattleState.COMPLETE:
            more = {Action.CONTINUE} if self.truncated else set()
            return frozenset({Action.VOTE, Action.NEXT_TURN, *more})
        return frozenset()
