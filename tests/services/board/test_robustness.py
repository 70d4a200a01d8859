"""A board under other choices: what is read for it, and its tables and document."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import delete, update

from arena.domain.board import BoardFilter
from arena.domain.style import StyleFeature
from arena.domain.verdict import Verdict
from arena.services.board.robustness.computing import BoardRobustness, board_robustness
from arena.services.board.robustness.tables import robustness_document, robustness_tables
from arena.services.board.value_tables import ValueTable
from arena.statistics.style_control import SIDE, NoControl
from arena.storage.database import Database
from arena.storage.models import ensure_snapshot
from arena.storage.schema import outcomes, reply_styles
from arena.storage.styles import insert_styles
from tests.builders import NOON, seed_vote, snapshot
from tests.storage.test_items import vote_without_replies

ALL = BoardFilter()


def styled_votes(database: Database, *, votes: int = 180, people: int = 12) -> None:
    """Votes for the longer reply, mostly: alpha writes most, beta and gamma alike."""
    models, random = ("alpha", "beta", "gamma"), Random(5)
    with database.writing() as connection:
        for number in range(votes):
            pair = random.sample(models, 2)
            sizes = [random.randint(3, 9) + 2 * (key == "alpha") for key in pair]
            longer = sizes[0] >= sizes[1]
            seeded = seed_vote(
                connection,
                Verdict.A_BETTER if longer == (random.random() < 0.8) else Verdict.B_BETTER,
                models=pair,
                annotator=f"annotator-{number % people}",
                prompts=(f"Prompt {number // 2 % 40}",),
            )
            for position, size in enumerate(sizes):
                reply = seeded.reply_ids[1, position]
                connection.execute(delete(reply_styles).where(reply_styles.c.reply_id == reply))
                insert_styles(connection, {reply: "x" * 2**size})


def _found(database: Database, chosen: BoardFilter = ALL) -> BoardRobustness:
    return board_robustness(database, chosen)


def tables(found: BoardRobustness) -> dict[str, ValueTable]:
    return {table.name: table for table in robustness_tables(found)}


def test_what_is_longer_wins_and_style_control_says_so(database: Database) -> None:
    styled_votes(database)

    style = _found(database).style

    assert [effect.name for effect in style.effects] == ["characters", SIDE]
    assert style.effects[0].bounds is not None
    assert style.effects[0].bounds.low > 1
    alpha = next(model for model in style.models if model.model == "alpha")
    assert alpha.plain.rate is not None
    assert alpha.plain.rate > alpha.rate + 0.05
    assert style.votes == style.decisive == 180
    assert set(style.untold) == {"headings", "lists", "bold", "code", "emoji"}


def test_features_are_chosen_by_name(database: Database) -> None:
    styled_votes(database)

    found = board_robustness(database, ALL, (StyleFeature.EMOJI,))

    assert found.style.reason is NoControl.NO_FEATURE


def test_votes_whose_replies_are_not_known_are_said_to_be_left_out(database: Database) -> None:
    seed_vote(database, recognised=True)
    styled_votes(database)
    vote_without_replies(database, "battle", ["Why?"])

    found = _found(database)

    assert found.board.comparisons == 181
    assert found.style.votes == 180


def test_a_board_of_imports_without_replies_has_a_reason(database: Database) -> None:
    seed_vote(database)
    with database.writing() as connection:
        connection.execute(delete(reply_styles))

    style = tables(_found(database))["style"]

    assert style.rows == ()
    assert [note.name for note in style.notes] == ["style_no_replies"]


def test_an_empty_board_has_tables_without_rows(database: Database) -> None:
    assert all(table.rows == () for table in tables(_found(database)).values())


def test_a_filter_limits_all_of_it(database: Database) -> None:
    styled_votes(database)

    assert _found(database, BoardFilter(language="zh")).style.decisive == 0


def test_the_document_has_every_number_of_the_tables(database: Database) -> None:
    styled_votes(database)
    found = _found(database)

    document = robustness_document(found)

    style = document["style"]
    assert style["notes"][0] == {"note": "style_votes", "votes": 180, "decisive": 180}
    row = style["rows"][0]
    model = found.style.models[[one.model for one in found.style.models].index(row["model"])]
    assert row["controlled_rate"] == pytest.approx(model.rate)
    assert model.interval is not None
    assert row["controlled_rate_low"] == model.interval.low
    assert model.rank is not None
    assert row["controlled_rank_best"] == model.rank.best
    assert row["controlled_rank_worst"] == model.rank.worst
    effects = {each["feature"]: each for each in document["style_effects"]["rows"]}
    assert effects["characters"]["odds_low"] > 1


def test_the_three_measures_and_the_fit_stand_side_by_side(database: Database) -> None:
    styled_votes(database)

    found = tables(_found(database))

    names = {row[0] for row in found["measures"].rows}
    assert names == {"alpha", "beta", "gamma"}
    assert found["measures"].notes[0].name in {"measures_alike", "measures_differ"}
    assert len(found["fit"].rows) == 3
    assert [note.name for note in found["fit"].notes][:2] in (
        ["fit_good", "cycles"],
        ["fit_bad", "cycles"],
    )


def test_ties_clusters_and_flags_have_their_tables(database: Database) -> None:
    styled_votes(database)
    seed_vote(database, Verdict.TIE, category="math")
    seed_vote(database, Verdict.BOTH_BAD, recognised=True)
    seed_vote(database, Verdict.A_BETTER, recognised=True)

    found = tables(_found(database))

    (note,) = found["ties"].notes
    assert note.figures == {"ties": 1, "both_bad": 0}
    assert len(found["ties"].rows) == len(found["left_out"].rows) == 3
    assert {note.figures["kind"]: note.figures["clusters"] for note in found["left_out"].notes} == {
        "annotators": 12,
        "prompts": 40,
    }
    assert [heading.name for heading in found["flags"].headings] == [
        *("model", "without_flagged", "with_recognised"),
    ]
    assert found["flags"].notes[0].figures == {"kind": "recognised", "added": 2}


def test_without_flags_there_is_nothing_to_count(database: Database) -> None:
    styled_votes(database)

    flags = tables(_found(database))["flags"]

    assert (flags.rows, [note.name for note in flags.notes]) == ((), ["flags_none"])


def test_weights_and_weeks_have_their_tables(database: Database) -> None:
    styled_votes(database)

    found = tables(_found(database))

    assert len(found["weights"].rows) == 3
    assert found["weights"].notes[0].name in {"weights_equal", "weights_differ"}
    assert [note.name for note in found["drift"].notes] == ["drift_unknown"]
    assert {row[0] for row in found["weeks"].rows} == {"2026-02-23"}
    assert sum(row[2] for row in found["weeks"].rows) == 180


def test_a_remote_model_is_called_remote(database: Database) -> None:
    with database.writing() as connection:
        remote = replace(snapshot("gamma"), configuration={"backend": "openai"})
        ensure_snapshot(connection, remote, NOON)
    styled_votes(database)
    with database.writing() as connection:
        for day in range(40):
            of_day = update(outcomes).where(outcomes.c.vote_id % 40 == day)
            connection.execute(of_day.values(created_at=NOON + timedelta(days=day)))

    drift = tables(_found(database))["drift"]

    answered = {row[0]: row[1] for row in drift.rows}
    assert answered == {"alpha": "here", "beta": "here", "gamma": "remote"}
    assert [note.name for note in drift.notes] == ["drift_none"]


def test_of_a_handful_of_annotators_nobody_can_work_out_how_one_voted(database: Database) -> None:
    styled_votes(database, people=7)

    found = tables(_found(database))["left_out"]

    columns = [heading.name for heading in found.headings]
    assert {row[columns.index("without_annotators")] for row in found.rows} == {None}
    assert None not in {row[columns.index("without_prompts")] for row in found.rows}
    assert [note.figures["kind"] for note in found.notes] == ["prompts"]
