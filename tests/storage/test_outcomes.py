"""Outcomes are what the votes say, whatever is added in whatever order; old databases get them."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from arena.domain.reply import FlagKind
from arena.domain.verdict import Verdict
from arena.storage.battles import prompt_hash
from arena.storage.database import Database
from arena.storage.migrate import migrate
from arena.storage.replies import Flag, flag_reply
from arena.storage.schema import flags, outcomes, vote_revisions, votes
from tests.builders import NOON, SeededBattle, seed_vote
from tests.fakes.playground import DatabaseMaker


def stored(database: Database, table: str = "outcomes") -> list[tuple[object, ...]]:
    query = text(f"SELECT * FROM {table} ORDER BY vote_id, position_a, position_b")
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(query)]


def revise(database: Database, vote: SeededBattle, revision: int, verdict: Verdict) -> None:
    values = {"vote_id": vote.vote_id, "revision": revision, "verdict": verdict.value}
    more = {"who": 1, "why": "slip", "at": NOON}
    with database.writing() as connection:
        connection.execute(insert(vote_revisions).values(values | more))


def test_a_flag_that_comes_or_goes_after_the_vote_changes_its_outcomes(database: Database) -> None:
    vote = seed_vote(database)
    leak = select(outcomes.c.identity_leak, outcomes.c.flagged)
    with database.writing() as connection:
        flag_reply(connection, vote.reply_ids[1, 0], Flag(FlagKind.IDENTITY_LEAK, "Bot"), NOON)
        assert connection.execute(leak).one() == (True, True)
        connection.execute(delete(flags))
        assert connection.execute(leak).one() == (False, False)


def test_comparisons_of_the_same_first_prompt_share_its_hash(database: Database) -> None:
    for prompts in (("Why?",), ("Why?", "And then?"), ("How?",)):
        seed_vote(database, prompts=prompts)
    with database.reading() as connection:
        hashes = (
            connection.execute(select(outcomes.c.prompt_hash).order_by(outcomes.c.vote_id))
            .scalars()
            .all()
        )
    assert hashes == [prompt_hash("Why?"), prompt_hash("Why?"), prompt_hash("How?")]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_outcomes_equal_a_recount_of_the_votes(
    new_database: DatabaseMaker, data: st.DataObject
) -> None:
    database = new_database()
    verdicts = st.sampled_from(Verdict)
    kinds = st.lists(st.sampled_from([FlagKind.TRUNCATED, FlagKind.IDENTITY_LEAK]), unique=True)
    for _ in range(data.draw(st.integers(1, 4))):
        vote = seed_vote(
            database,
            data.draw(verdicts),
            recognised=data.draw(st.booleans()),
            reply_flags={0: data.draw(kinds), 1: data.draw(kinds)},
            category=data.draw(st.sampled_from([None, "math"])),
            campaign=data.draw(st.sampled_from([None, "spring"])),
        )
        for revision in range(1, data.draw(st.integers(0, 2)) + 1):
            revise(database, vote, revision, data.draw(verdicts))
    ranks = data.draw(st.sampled_from([(1, 2, 3), (2, 1, 2), (1, 1, 1)]))
    seed_vote(database, None, models=("alpha", "beta", "gamma"), ranks=ranks)

    assert stored(database) == stored(database, "recounted_outcomes")
    database.close()


def test_votes_of_an_older_database_get_their_outcomes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    migrate(database, "0001")
    with database.writing() as connection:
        for statement in _OLD_VOTE:
            connection.execute(text(statement))
    migrate(database)

    with database.reading() as connection:
        row = connection.execute(select(outcomes)).one()
        verdict = connection.execute(text("SELECT model_a, verdict FROM comparisons")).one()
    assert (row.verdict, row.category, row.prompt_hash) == ("tie", "math", prompt_hash("Why?"))
    assert tuple(verdict) == ("alpha", "tie")
    assert stored(database) == stored(database, "recounted_outcomes")
    database.close()


_MODEL = "INSERT INTO models VALUES ({}, '{}', 'f', 'M', 'catalogue', NULL, '{{}}', '{{}}', '2026')"
_OLD_VOTE = (
    "INSERT INTO annotators VALUES (1, 'ada', 'annotator', NULL, NULL, '2026-03-01', NULL)",
    _MODEL.format(1, "alpha"),
    _MODEL.format(2, "beta"),
    "INSERT INTO battles VALUES ('b', 1, 'complete', 'math', 'en', 1, '2026', '2026', NULL)",
    "INSERT INTO slots VALUES ('b', 0, 1, 'alpha'), ('b', 1, 2, 'beta')",
    "INSERT INTO turns VALUES ('b', 1, 'Why?', '2026-03-01')",
    "INSERT INTO votes VALUES (1, 'b', 1, 'tie', '', NULL, '2026-03-01 12:00:00.000000')",
)


def test_a_vote_is_refused_as_before_and_leaves_no_outcome(database: Database) -> None:
    vote = seed_vote(database)
    with pytest.raises(Exception, match="never overwritten"), database.writing() as connection:
        connection.execute(update(votes).values(verdict="tie"))
    assert [row[5] for row in stored(database)] == ["a_better"]
    assert vote.vote_id == 1
