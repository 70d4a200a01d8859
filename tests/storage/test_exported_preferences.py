"""Preferences of decisive votes, with both conversations."""

from arena.domain.accounts import AnnotatorId
from arena.domain.battle import BattleId
from arena.domain.conversation import Message, ModelKey, Role
from arena.domain.reply import FlagKind, ReplyEnd
from arena.domain.verdict import Verdict
from arena.storage.battles import SlotRecord
from arena.storage.database import Database
from arena.storage.exports import preference_batches, vote_batches
from arena.storage.external_votes import ExternalTurn, ExternalVote, insert_external_votes
from arena.storage.replies import NewReply, insert_reply, show_reply
from arena.storage.votes import NewVote
from tests.builders import NOON, seed_vote
from tests.storage.batches import rows_of


def _import_a_vote(database: Database) -> None:
    """A decisive vote of another arena, which comes without replies."""
    vote = ExternalVote(
        vote=NewVote(BattleId("imported"), AnnotatorId(1), Verdict.A_BETTER),
        slots=(SlotRecord(0, 1, ModelKey("alpha")), SlotRecord(1, 2, ModelKey("beta"))),
        turns=(ExternalTurn("Why?"),),
        category=None,
        language="en",
        at=NOON,
    )
    with database.writing() as connection:
        insert_external_votes(connection, [vote])


def test_a_preference_holds_both_conversations_with_the_newest_replies(database: Database) -> None:
    seeded = seed_vote(database, Verdict.B_BETTER, prompts=("Is 7 prime?", "Why?"), category="math")
    with database.writing() as connection:
        again = NewReply(1, "hash-1", "Second try", ReplyEnd.STOP)
        reply_id = insert_reply(connection, again, NOON)
        show_reply(connection, seeded.battle_id, turn=1, position=0, reply_id=reply_id)

    with database.reading() as connection:
        (row,) = rows_of(preference_batches(connection, names=True))

    assert row["prompt"] == (Message(Role.USER, "Is 7 prime?"),)
    assert row["chosen"] == (
        Message(Role.ASSISTANT, "Reply 1 of beta"),
        Message(Role.USER, "Why?"),
        Message(Role.ASSISTANT, "Reply 2 of beta"),
    )
    assert row["rejected"] == (
        Message(Role.ASSISTANT, "Second try"),
        Message(Role.USER, "Why?"),
        Message(Role.ASSISTANT, "Reply 2 of alpha"),
    )
    assert (row["chosen_model"], row["rejected_model"]) == ("beta", "alpha")
    assert (row["vote_id"], row["category"]) == (seeded.vote_id, "math")


def test_a_ranking_gives_a_preference_for_every_decisive_comparison(database: Database) -> None:
    seed_vote(database, None, models=("alpha", "beta", "gamma"), ranks=(2, 1, 2))

    with database.reading() as connection:
        rows = rows_of(preference_batches(connection, names=True))

    assert [(row["chosen_model"], row["rejected_model"]) for row in rows] == [
        ("beta", "alpha"),
        ("beta", "gamma"),
    ]


def test_ties_flagged_votes_and_votes_without_a_reply_are_no_preferences(
    database: Database,
) -> None:
    seed_vote(database, Verdict.TIE)
    seed_vote(database, Verdict.BOTH_BAD)
    seed_vote(database, recognised=True)
    seed_vote(database, reply_flags={1: [FlagKind.TRUNCATED]})
    silent = seed_vote(database)
    kept = seed_vote(database)
    with database.writing() as connection:
        reply_id = insert_reply(connection, NewReply(1, "hash-1", "", ReplyEnd.STOP), NOON)
        show_reply(connection, silent.battle_id, turn=1, position=0, reply_id=reply_id)
    _import_a_vote(database)

    with database.reading() as connection:
        rows = rows_of(preference_batches(connection, names=True))
        assert len(rows_of(vote_batches(connection, names=True))) == 7

    assert [row["vote_id"] for row in rows] == [kept.vote_id]
