"""Comparisons as numbers are the same comparisons that boards count."""

from collections import Counter

from arena.domain.verdict import Verdict
from arena.storage.battles import prompt_hash
from arena.storage.boards import BoardFilter, outcome_counts
from arena.storage.columns import VERDICTS, outcome_columns
from arena.storage.database import Database
from tests.builders import seed_vote, seed_votes


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
            (a, b, VERDICTS[verdict].value)
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
