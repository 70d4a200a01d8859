"""Which votes are on the same item: the conversation so far and its two replies."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from arena.domain.accounts import AnnotatorId
from arena.domain.battle import BattleId
from arena.domain.board import BoardFilter
from arena.domain.conversation import Message, ModelKey, Role
from arena.domain.reply import ReplyEnd
from arena.domain.verdict import Verdict
from arena.services.battle.turn_results import conversation_hash
from arena.storage.battles import SlotRecord, prompt_hash
from arena.storage.columns import item_hashes, outcome_columns
from arena.storage.database import Database, RuleBroken
from arena.storage.external_votes import ExternalTurn, ExternalVote, insert_external_votes
from arena.storage.migrate import migrate
from arena.storage.replies import NewReply, answer_hash, insert_reply, show_reply
from arena.storage.schema import outcomes
from arena.storage.votes import NewVote, insert_vote
from tests.builders import NOON, seed_battle, seed_vote

_KEYS = ("alpha", "beta")
_TOLD = conversation_hash([Message(Role.USER, "Why?")])
_DAY = "2026-03-01 12:00:00.000000"
_VOTES_OF_0003 = (
    f"INSERT INTO annotators VALUES (1, 'ada', 'annotator', NULL, NULL, '{_DAY}', NULL)",
    "INSERT INTO models VALUES"
    f" (1, 'alpha', 'f', 'M', 'catalogue', NULL, '{{}}', '{{}}', '{_DAY}'),"
    f" (2, 'beta', 'f', 'M', 'catalogue', NULL, '{{}}', '{{}}', '{_DAY}')",
    "INSERT INTO battles VALUES"
    f" ('b', 1, 'complete', NULL, 'en', 1, '{_DAY}', '{_DAY}', NULL, NULL),"
    f" ('c', 1, 'complete', NULL, 'en', 1, '{_DAY}', '{_DAY}', NULL, NULL),"
    f" ('d', 1, 'complete', NULL, 'en', 1, '{_DAY}', '{_DAY}', NULL, NULL)",
    "INSERT INTO slots VALUES ('b', 0, 1, 'alpha'), ('b', 1, 2, 'beta'),"
    " ('c', 0, 2, 'beta'), ('c', 1, 1, 'alpha'), ('d', 0, 1, 'alpha'), ('d', 1, 2, 'beta')",
    "INSERT INTO turns VALUES"
    f" ('b', 1, 'Why?', '{_DAY}', {prompt_hash('Why?')}),"
    f" ('c', 1, 'Why?', '{_DAY}', {prompt_hash('Why?')}),"
    f" ('d', 1, 'Why?', '{_DAY}', {prompt_hash('Why?')}),"
    f" ('d', 2, 'How?', '{_DAY}', {prompt_hash('How?')})",
    *(
        f"INSERT INTO replies VALUES ({number}, {model}, '{_TOLD}', NULL, "
        f"'Reply 1 of {_KEYS[model - 1]}', '', 'stop', {'NULL, ' * 6} '{_DAY}')"
        for number, model in enumerate((1, 2, 2, 1), start=1)
    ),
    "INSERT INTO slot_replies VALUES"
    " ('b', 1, 0, 1, 1), ('b', 1, 1, 1, 2), ('c', 1, 0, 1, 3), ('c', 1, 1, 1, 4)",
    *(
        f"INSERT INTO votes VALUES ({number}, '{battle}', 1, 'tie', '', NULL, '{_DAY}')"
        for number, battle in enumerate("bcd", start=1)
    ),
)
"""Two votes on the same two replies, sides exchanged, and one whose replies are not known."""


def items(database: Database) -> list[int]:
    query = select(outcomes.c.item_hash).order_by(outcomes.c.vote_id, outcomes.c.position_b)
    with database.reading() as connection:
        return list(connection.execute(query).scalars())


def vote_without_replies(database: Database, name: str, prompts: Sequence[str]) -> None:
    """A vote as imports have it whose file tells no replies; the first vote made the models."""
    vote = ExternalVote(
        vote=NewVote(BattleId(name), AnnotatorId(1), Verdict.TIE),
        slots=(SlotRecord(0, 1, ModelKey("alpha")), SlotRecord(1, 2, ModelKey("beta"))),
        turns=tuple(map(ExternalTurn, prompts)),
        category=None,
        language="en",
        at=NOON,
    )
    with database.writing() as connection:
        insert_external_votes(connection, [vote])


def test_turns_of_one_conversation_are_items_of_their_own(database: Database) -> None:
    for prompts in (("Why?",), ("Why?", "And then?"), ("Why?", "Really?"), ("Why?",)):
        seed_vote(database, prompts=prompts)

    first, second, other, again = items(database)
    assert len({first, second, other}) == 3
    assert again == first


def test_the_same_two_replies_are_one_item_on_whichever_sides(database: Database) -> None:
    seed_vote(database, models=("alpha", "beta"))
    seed_vote(database, models=("beta", "alpha"))
    seed_vote(database, None, models=("gamma", "beta", "alpha"), ranks=(1, 2, 3))

    pair, exchanged, *ranked = items(database)
    assert exchanged == pair
    assert ranked.count(pair) == 1


def test_the_newest_attempt_is_what_was_judged(database: Database) -> None:
    seed_vote(database)
    battle = seed_battle(database)
    with database.writing() as connection:
        again = NewReply(1, "told", "Another reply", ReplyEnd.STOP)
        reply_id = insert_reply(connection, again, NOON)
        show_reply(connection, battle.battle_id, turn=1, position=0, reply_id=reply_id)
        insert_vote(connection, NewVote(battle.battle_id, AnnotatorId(1), Verdict.TIE), NOON)

    one, other = items(database)
    assert one != other


def test_where_replies_are_not_known_items_are_what_was_asked(database: Database) -> None:
    seed_vote(database)
    asked = [("Why?",), ("Why?", ""), ("Why?", "Who?", "How?"), ("Why?", "How?", "Who?")]
    for number, prompts in enumerate([*asked, *asked, [str(n) for n in range(1000)]]):
        vote_without_replies(database, f"battle-{number}", prompts)

    found = items(database)
    assert len(set(found)) == len(found) - len(asked)
    assert found[1:5] == found[5:9]
    assert 0 < min(found) <= max(found) < 2**63


def test_votes_of_an_older_database_get_their_items(tmp_path: Path, database: Database) -> None:
    old = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    migrate(old, "0003")
    with old.writing() as connection:
        for statement in _VOTES_OF_0003:
            connection.execute(text(statement))
    migrate(old)
    for models in (("alpha", "beta"), ("beta", "alpha")):
        seed_vote(database, Verdict.TIE, models=models, prompts=("Why?",))
    vote_without_replies(database, "d", ["Why?", "How?"])

    with old.reading() as connection:
        hashes = connection.execute(text("SELECT answer_hash FROM replies ORDER BY id"))
        assert set(hashes.scalars()) == {answer_hash(_TOLD, f"Reply 1 of {key}") for key in _KEYS}
    assert items(old) == items(database)
    assert _rows(old, "outcomes") == _rows(old, "recounted_outcomes")
    with pytest.raises(RuleBroken, match="never changed"), old.writing() as connection:
        connection.execute(text("UPDATE replies SET text = 'other'"))
    old.close()


def test_item_hashes_stand_beside_their_comparisons(database: Database) -> None:
    seed_vote(database, prompts=("How?",))
    seed_vote(database, prompts=("Why?",), recognised=True)
    seed_vote(database, None, models=("c", "b", "a"), ranks=(1, 2, 3))
    for chosen in (BoardFilter(), BoardFilter(models=frozenset({ModelKey("a"), ModelKey("b")}))):
        with database.reading() as connection:
            found = item_hashes(connection, chosen)
            columns = outcome_columns(connection, chosen)
            pairs = {row.item_hash: (row.model_id_a, row.model_id_b) for row in _all(database)}
        beside = zip(columns.model_id_a, columns.model_id_b, strict=True)
        assert [pairs[item] for item in found.tolist()] == list(beside)


def _all(database: Database) -> Sequence[Any]:
    with database.reading() as connection:
        return connection.execute(select(outcomes)).all()


def _rows(database: Database, table: str) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        query = text(f"SELECT * FROM {table} ORDER BY vote_id, position_a, position_b")
        return [tuple(row) for row in connection.execute(query)]
