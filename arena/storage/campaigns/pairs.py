"""Queries on how much is known about a pair of models within a campaign."""

from sqlalchemy import Connection, func, not_, select

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.storage.schema import models, outcomes

_DECISIVE = [verdict.value for verdict in Verdict if verdict.decisive]


def decisive_votes(
    connection: Connection, campaign_id: int, pair: tuple[ModelKey, ModelKey]
) -> int:
    """Count the decisive comparisons of two models in a campaign, flagged ones apart."""
    of = outcomes.c
    return sum(
        int(
            connection.execute(
                select(func.count()).where(
                    of.model_id_a.in_(select(models.c.id).where(models.c.key == first)),
                    of.model_id_b.in_(select(models.c.id).where(models.c.key == second)),
                    of.verdict.in_(_DECISIVE),
                    of.campaign_id == campaign_id,
                    not_(of.flagged),
                )
            ).scalar_one()
        )
        for first, second in (pair, pair[::-1])
    )
