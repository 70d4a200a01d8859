"""When a pair of models has been judged enough: its items are assigned no more."""

from itertools import combinations
from typing import Protocol

from arena.services.campaigns.finding import StoredCampaign
from arena.storage.campaigns.items import Positions
from arena.storage.campaigns.pairs import decisive_votes
from arena.storage.database import Connection


class StopRule(Protocol):
    """Says which pairs are stopped. Asked under the write lock: it answers within milliseconds."""

    def is_stopped(
        self, connection: Connection, campaign: StoredCampaign, pair: tuple[int, int]
    ) -> bool:
        """Return whether a pair, by positions of the campaign's models, is judged enough."""
        ...


class VotesPerPair:
    """Stops a pair with as many decisive votes as the campaign file wants."""

    def is_stopped(
        self, connection: Connection, campaign: StoredCampaign, pair: tuple[int, int]
    ) -> bool:
        """Return whether the pair has them."""
        wanted = campaign.terms.stop.votes_per_pair
        if wanted is None:
            return False
        first, second = (campaign.terms.models[position].key for position in pair)
        return decisive_votes(connection, campaign.id, (first, second)) >= wanted


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
