"""The texts that people would publish with the votes of a board."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection, Select, String, cast, func, literal, select

from arena.domain.board import BoardFilter
from arena.storage.boards.conditions import campaign_number, shared_conditions
from arena.storage.schema import (
    battles,
    campaign_answers,
    campaign_prompts,
    campaign_replies,
    replies,
    slot_replies,
    turns,
    vote_revisions,
    votes,
)

AT_ONCE = 500


class StoredText(NamedTuple):
    """A text and its first place: the table, and the id that exports give that row."""

    table: str
    id: str
    text: str


def texts_of(connection: Connection, board_filter: BoardFilter) -> Iterator[StoredText]:
    """Yield every different text of each table, read in batches.

    Those of battles that were voted on, also of repeats, check items, and votes that a board leaves
    out: they are in exports too. Of a campaign with a file also what nobody judged, and what
    annotators answered to its questions: its archive has them.
    """
    queries: tuple[tuple[str, Select[str, str]], ...] = (
        ("prompts", _prompts(board_filter)),
        ("replies", _replies(board_filter)),
        ("comments", _comments(board_filter)),
        ("comments", _revised(board_filter)),
    )
    seen: set[tuple[str, str]] = set()
    for table, number, text in chain(
        _of_campaign(connection, board_filter), _found(connection, queries)
    ):
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        if text and (table, digest) not in seen:
            seen.add((table, digest))
            yield StoredText(table, number, text)


def _found(
    connection: Connection, queries: Iterable[tuple[str, Select[str, str]]]
) -> Iterator[StoredText]:
    for table, query in queries:
        for number, text in connection.execute(query, execution_options={"yield_per": AT_ONCE}):
            yield StoredText(table, number, text)


def _of_campaign(connection: Connection, board_filter: BoardFilter) -> Iterator[StoredText]:
    """Yield what the filter's campaign asks, has as replies, and was answered."""
    if board_filter.campaign is None:
        return
    number, of = campaign_number(board_filter.campaign), campaign_prompts.c
    asked = select(of.identifier, of.turns, of.system_prompt, of.notes)
    for row in connection.execute(asked.where(of.campaign_id == number).order_by(of.number)):
        for text in (*row.turns, row.system_prompt or "", row.notes or ""):
            yield StoredText("prompts", row.identifier, text)
    given = select(campaign_replies.c.reply_id).where(campaign_replies.c.campaign_id == number)
    told = select(cast(replies.c.id, String), replies.c.text).where(replies.c.id.in_(given))
    answer = campaign_answers.c
    answered = select(
        cast(answer.annotator_id, String) + literal("/") + answer.question, answer.answer
    ).where(answer.campaign_id == number)
    yield from _found(connection, (("replies", told), ("answers", answered)))


def _voted(board_filter: BoardFilter) -> Select[str]:
    chosen = shared_conditions(board_filter, battles)
    joined = select(battles.c.id).join(votes, votes.c.battle_id == battles.c.id)
    return joined.where(*chosen)


def _prompts(board_filter: BoardFilter) -> Select[str, str]:
    of = turns.c
    place = func.min(of.battle_id + literal("/") + cast(of.number, String))
    asked = select(place, of.prompt).where(of.battle_id.in_(_voted(board_filter)))
    return asked.group_by(of.prompt).order_by(place)


def _replies(board_filter: BoardFilter) -> Select[str, str]:
    of, shown = replies.c, slot_replies.c
    ids = select(shown.reply_id).where(shown.battle_id.in_(_voted(board_filter)))
    place = func.min(of.id)
    told = select(cast(place, String), of.text).where(of.id.in_(ids), of.text != "")
    return told.group_by(of.text).order_by(place)


def _comments(board_filter: BoardFilter) -> Select[str, str]:
    of = votes.c
    told = select(cast(of.id, String), of.comment).order_by(of.id)
    return told.where(of.comment != "", of.battle_id.in_(_voted(board_filter)))


def _revised(board_filter: BoardFilter) -> Select[str, str]:
    of = vote_revisions.c
    theirs = select(votes.c.id).where(votes.c.battle_id.in_(_voted(board_filter)))
    told = select(cast(of.vote_id, String), of.comment).order_by(of.vote_id, of.revision)
    return told.where(of.comment.is_not(None), of.comment != "", of.vote_id.in_(theirs))
