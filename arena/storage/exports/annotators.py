"""The table `annotators`."""

from collections.abc import Iterator

from sqlalchemy import Connection, and_, case, func, select

from arena.domain.assignment import BattlePurpose
from arena.domain.verdict import Verdict
from arena.storage.exports.batches import EVERYTHING, Batch, Part, batches, within
from arena.storage.schema import annotators, battles, outcomes, votes


def annotator_batches(
    connection: Connection, *, names: bool, part: Part = EVERYTHING
) -> Iterator[Batch]:
    """Iterate over every account and its votes; N-way rankings count as one vote and no verdict.

    Repeats and votes on check items are not counted. Of a campaign only those who voted in it.
    """
    judged = battles.c.purpose == BattlePurpose.JUDGED.value
    given = and_(outcomes.c.vote_id == votes.c.id, votes.c.verdict.is_not(None))
    query = (
        select(
            (annotators.c.name if names else annotators.c.id).label("annotator"),
            annotators.c.role,
            annotators.c.group_name,
            func.count(case((judged, votes.c.id))).label("votes"),
            *(
                func.sum(case((outcomes.c.verdict == verdict.value, 1), else_=0)).label(
                    verdict.value
                )
                for verdict in Verdict
            ),
            func.min(votes.c.created_at).label("first_vote_at"),
            func.max(votes.c.created_at).label("last_vote_at"),
            annotators.c.created_at,
            annotators.c.disabled_at,
        )
        .select_from(annotators)
        .outerjoin(votes, votes.c.annotator_id == annotators.c.id)
        .outerjoin(battles, battles.c.id == votes.c.battle_id)
        .outerjoin(outcomes, given)
        .group_by(annotators.c.id)
        .order_by(annotators.c.id)
    )
    yield from batches(connection, within(query, votes.c.battle_id, part))
