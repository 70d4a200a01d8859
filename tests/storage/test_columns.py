"""Comparisons as numbers are the same comparisons that boards count."""

from collections import Counter
from typing import Any

import numpy as np
from sqlalchemy import event, text

from arena.domain.board import BoardFilter
from arena.domain.verdict import Verdict
from arena.storage.battles import prompt_hash
from arena.storage.boards import outcome_counts
from arena.storage.columns import outcome_columns, reading_seconds
from arena.storage.database import Database
from tests.builders import seed_vote, seed_votes
from tests.database_kinds import ON_SQLITE

VERDICTS = tuple(Verdict)


def test_an_empty_board_has_empty_columns(database: Database) -> None:
    with database.reading() as connection:
        assert len(outcome_columns(connection, BoardFilter()).verdict) == 0


def test_columns_hold_what_the_counts_say(database: Database) -> None:
    seed_votes(database, wins=2, losses=1, ties=1, both_bad=1)
    seed_vote(database, recognised=True, category="math")
    for chosen in (BoardFilter(), BoardFilter(include_flagged=True), BoardFilter(category="math")):
        with database.reading() as connection:
            columns = outcome_columns(connection, chosen)
            counts = outcome_counts(connection, chosen)
        seen = Counter(
            (a, b, VERDICTS[verdict])
            for a, b, verdict in zip(
                columns.model_id_a, columns.model_id_b, columns.verdict, strict=True
            )
        )
        assert seen == {(*row.ids, row.verdict): row.count for row in counts}


def test_annotators_and_prompts_are_told_apart(database: Database) -> None:
    seed_vote(database, Verdict.TIE, annotator="ada", prompts=("Why?", "And?"))
    seed_vote(database, Verdict.TIE, annotator="bob", prompts=("Why?",))
    with database.reading() as connection:
        columns = outcome_columns(connection, BoardFilter())
    assert set(columns.prompt_hash) == {prompt_hash("Why?")}
    assert len(set(columns.annotator_id)) == 2


def test_reading_times_stand_beside_their_comparisons(database: Database) -> None:
    seed_vote(database, reading_s=12.5)
    seed_vote(database, recognised=True, reading_s=99.0)
    seed_vote(database, None, models=("a", "b", "c"), ranks=(1, 2, 3), reading_s=7.0)
    seed_vote(database)
    for chosen in (BoardFilter(), BoardFilter(include_flagged=True)):
        with database.reading() as connection:
            seconds = reading_seconds(connection, chosen)
            flagged = outcome_columns(connection, chosen).flagged
        expected = [12.5, *([99.0] if chosen.include_flagged else []), 7.0, 7.0, 7.0]
        assert seconds[:-1].tolist() == expected
        assert np.isnan(seconds[-1])
        assert flagged.tolist() == [second == 99.0 for second in seconds]


def test_a_time_before_the_replies_were_there_was_not_measured(database: Database) -> None:
    seed_vote(database, reading_s=-0.5)
    seed_vote(database, reading_s=0.0)
    with database.reading() as connection:
        seconds = reading_seconds(connection, BoardFilter())
    assert np.isnan(seconds[0])
    assert seconds[1] == 0.0


@ON_SQLITE
def test_numbers_are_packed_in_64_bits_where_a_database_has_smaller_ones(
    database: Database,
) -> None:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    with database.reading() as connection:
        event.listen(connection, "before_cursor_execute", note)
        outcome_columns(connection, BoardFilter())
    assert "CAST(outcomes.model_id_a AS BIGINT) * ?" in statements[-1]


def test_large_numbers_of_accounts_and_models_are_told_apart(database: Database) -> None:
    seed_vote(database, annotator="ada")
    with database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO annotators (id, name, role, created_at) "
                "VALUES (1000000000, 'late', 'annotator', '2026-03-01 12:00:00.000000')"
            )
        )
    seed_vote(database, Verdict.B_BETTER, annotator="late")
    with database.reading() as connection:
        columns = outcome_columns(connection, BoardFilter())
    assert columns.annotator_id.max() == 1_000_000_000
    assert [VERDICTS[verdict] for verdict in columns.verdict] == [
        Verdict.A_BETTER,
        Verdict.B_BETTER,
    ]
