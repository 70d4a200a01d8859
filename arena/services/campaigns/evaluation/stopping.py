"""When a pair of models has been judged enough: its items are assigned no more."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from threading import Lock
from typing import Protocol

from arena.domain.board import BoardFilter
from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey
from arena.services.campaigns.finding import StoredCampaign
from arena.storage.boards import version
from arena.storage.campaigns.items import Positions
from arena.storage.campaigns.pairs import decisive_votes
from arena.storage.database import Connection

_SHARE_OF_A_CORE = 0.05
"""What looking at the votes again and again may take."""


class StopRule(Protocol):
    """Says which pairs are stopped."""

    def look(self, connection: Connection, campaign: StoredCampaign) -> None:
        """Get ready to answer. Called without the write lock: it may take its time."""
        ...

    def is_stopped(
        self, connection: Connection, campaign: StoredCampaign, pair: tuple[int, int]
    ) -> bool:
        """Return whether a pair, by positions of the campaign's models, is judged enough.

        Asked under the write lock: it answers within milliseconds.
        """
        ...


class VotesPerPair:
    """Stops a pair with as many decisive votes as the campaign file wants."""

    def look(self, connection: Connection, campaign: StoredCampaign) -> None:
        """Do nothing: the votes are counted when the rule is asked."""

    def is_stopped(
        self, connection: Connection, campaign: StoredCampaign, pair: tuple[int, int]
    ) -> bool:
        """Return whether the pair has them."""
        wanted = campaign.terms.stop.votes_per_pair
        if wanted is None:
            return False
        return decisive_votes(connection, campaign.id, _keys(campaign, pair)) >= wanted


@dataclass(frozen=True, slots=True)
class _Known:
    """Which pairs are stopped by the votes that are there at a version of the boards.

    It is not looked at again before `again_at`, in seconds of the monotonic clock.
    """

    of: tuple[int | None, int]
    stopped: frozenset[frozenset[ModelKey]]
    again_at: float


class EnoughIsKnown:
    """Stops a pair by its interval or its anytime-valid verdict, as the campaign file wants.

    Both are computed from all votes of the campaign, which takes too long for the write lock: they
    are as of the last look. Looks take at most `_SHARE_OF_A_CORE`; while one thread looks, others
    go by the look before. Safe on several threads; each server looks for itself.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[int, _Known] = {}
        self._looking: defaultdict[int, Lock] = defaultdict(Lock)

    def look(self, connection: Connection, campaign: StoredCampaign) -> None:
        """Find the stopped pairs anew if votes have come since."""
        stop = campaign.terms.stop
        if stop.half_width is None and not stop.anytime_verdict:
            return
        known = self._known.get(campaign.id)
        of = (version(connection), campaign.record.version)
        if known is not None and (known.of == of or self._clock.monotonic() < known.again_at):
            return
        looking = self._looking[campaign.id]
        if looking.acquire(blocking=known is None):
            try:
                self._known[campaign.id] = self._found(connection, campaign, of)
            finally:
                looking.release()

    def is_stopped(
        self,
        connection: Connection,  # noqa: ARG002 - the port's
        campaign: StoredCampaign,
        pair: tuple[int, int],
    ) -> bool:
        """Return whether the pair was stopped at the last look."""
        known = self._known.get(campaign.id)
        return known is not None and frozenset(_keys(campaign, pair)) in known.stopped

    def _found(
        self, connection: Connection, campaign: StoredCampaign, of: tuple[int | None, int]
    ) -> _Known:
        # Imported here: only campaigns with such a rule wait for scipy, and hold its memory.
        from arena.services.board.reading import numbered
        from arena.services.campaigns.evaluation.judged_enough import judged_enough
        from arena.storage.columns import outcome_columns

        began = self._clock.monotonic()
        columns = outcome_columns(connection, BoardFilter(campaign=campaign.name))
        terms = campaign.terms
        stopped = judged_enough(numbered(columns, connection), terms.stop, people=terms.people)
        ended = self._clock.monotonic()
        return _Known(of, stopped, ended + (ended - began) / _SHARE_OF_A_CORE)


def are_stopped(
    rules: tuple[StopRule, ...],
    connection: Connection,
    campaign: StoredCampaign,
    models: Positions,
) -> bool:
    """Return whether every pair of these models is stopped by one of the rules."""
    return bool(rules) and all(
        any(rule.is_stopped(connection, campaign, pair) for rule in rules)
        for pair in combinations(models, 2)
    )


def _keys(campaign: StoredCampaign, pair: tuple[int, int]) -> tuple[ModelKey, ModelKey]:
    first, second = (campaign.terms.models[position].key for position in pair)
    return first, second
