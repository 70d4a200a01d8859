"""The replies of a campaign for its archive, read in batches."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from arena.domain.assignment import BattlePurpose
from arena.domain.campaign_replies import ReplyStatus, status_of
from arena.domain.reply import FlagKind, ReplyEnd
from arena.storage.campaigns.archive.records import ArchivedFlag, ArchivedPlace, ArchivedReply
from arena.storage.json_sql import listed, places_in
from arena.storage.schema import (
    campaign_models,
    campaign_prompts,
    campaign_replies,
    flags,
    models,
    replies,
)

AT_ONCE = 500


def archived_places(connection: Connection, campaign_id: int) -> Iterator[ArchivedPlace]:
    """Yield every place for a reply, by prompt, model and turn, with what is in force there."""
    turn = places_in(campaign_prompts.c.turns, "turn")
    place, prompt, model = campaign_replies.c, campaign_prompts.c, campaign_models.c
    asked = (turn.c.key + 1).label("turn")
    there = and_(
        place.campaign_id == campaign_id,
        place.prompt == prompt.number,
        place.position == model.position,
        place.turn == turn.c.key + 1,
    )
    columns = [column for column in replies.c if column.name not in ("answer_hash", "continues_id")]
    query = (
        select(prompt.number, model.position, asked, models.c.key, models.c.fingerprint, *columns)
        .select_from(campaign_prompts)
        .join(campaign_models, model.campaign_id == prompt.campaign_id)
        .join(turn, prompt.number > 0)
        .outerjoin(campaign_replies, there)
        .outerjoin(replies, replies.c.id == place.reply_id)
        .outerjoin(models, models.c.id == replies.c.model_id)
        .where(prompt.campaign_id == campaign_id, prompt.kind == BattlePurpose.JUDGED.value)
        .order_by(prompt.number, model.position, asked)
    )
    found = connection.execute(query, execution_options={"yield_per": AT_ONCE})
    for rows in found.partitions():
        raised = reply_flags(connection, [row.id for row in rows if row.id is not None])
        for row in rows:
            yield _place(row, raised)


def reply_flags(connection: Connection, ids: Collection[int]) -> dict[int, list[ArchivedFlag]]:
    """Return the flags of replies by the replies' numbers."""
    of = flags.c
    query = select(of.reply_id, of.kind, of.detail, of.created_at)
    query = query.where(of.reply_id.in_(listed(ids))).order_by(of.id)
    found: dict[int, list[ArchivedFlag]] = defaultdict(list)
    for reply_id, kind, detail, at in connection.execute(query):
        found[reply_id].append(ArchivedFlag(FlagKind(kind), detail, at))
    return found


def _place(row: Row[Any], raised: dict[int, list[ArchivedFlag]]) -> ArchivedPlace:
    place = {"prompt": row.number, "position": row.position, "turn": row.turn}
    if row.id is None:
        return ArchivedPlace(**place, status=ReplyStatus.MISSING, reply=None)
    end = ReplyEnd(row.finish_reason)
    reply = ArchivedReply(
        reply_id=row.id,
        model=row.key,
        fingerprint=row.fingerprint,
        text=row.text,
        reasoning=row.reasoning,
        finish_reason=end,
        error=row.error,
        prompt_tokens=row.prompt_tokens,
        reply_tokens=row.reply_tokens,
        first_token_s=row.first_token_s,
        total_s=row.total_s,
        rendered_prompt=row.rendered_prompt,
        conversation_hash=row.conversation_hash,
        created_at=row.created_at,
        flags=tuple(raised.get(row.id, ())),
    )
    return ArchivedPlace(**place, status=status_of(row.text, end, row.error), reply=reply)
