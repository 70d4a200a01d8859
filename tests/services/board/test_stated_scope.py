"""Every interval of a board's document says for whom it holds."""

import pytest

from arena.services.exports.columns import ExportTable
from arena.storage.database import Database
from tests.services.board.documents import document, exported, judged


def test_enough_annotators_and_prompts_give_an_interval_that_says_whom_it_speaks_of(
    database: Database,
) -> None:
    judged(database, annotators=8, prompts=8)

    pair = document(database)["pairs"][0]

    assert pair["low"] < pair["rate"] == 0.75 < pair["high"]
    assert pair["interval"] == "wilson, clustered by annotator and prompt"
    assert pair["holds"] == "for annotators and prompts like these"
    assert (pair["annotators"], pair["prompts"], pair["state"]) == (8, 8, "preliminary")


def test_few_annotators_give_an_interval_for_these_annotators_only(database: Database) -> None:
    judged(database, annotators=4, prompts=12)

    pair = document(database)["pairs"][0]

    assert pair["holds"] == "for these 4 annotators only"
    assert (pair["interval"], pair["state"]) == ("wilson, clustered by prompt", "preliminary")


def test_ratings_of_few_annotators_say_for_whom_they_hold(database: Database) -> None:
    judged(database, annotators=7, prompts=12)

    found = document(database)

    for rating in found["ratings"]:
        assert rating["low"] is not None
        assert rating["holds"] == "for these 7 annotators only"
        assert (rating["annotators"], rating["prompts"]) == (7, 12)
    (difference,) = found["rating_differences"]
    assert difference["holds"] == "for these 7 annotators only"
    assert exported(database, ExportTable.LEADERBOARD)[0]["rating_holds"] == (
        "for these 7 annotators only"
    )


def test_one_annotator_is_one_annotator(database: Database) -> None:
    judged(database, annotators=1, prompts=40)

    found = document(database)

    assert {pair["holds"] for pair in found["pairs"]} == {"for this one annotator only"}
    assert {one["holds"] for one in found["ratings"]} == {"for this one annotator only"}


def test_every_interval_of_the_document_says_for_whom_it_holds(database: Database) -> None:
    judged(database, annotators=7, prompts=12)

    found = document(database)

    for row in (*found["pairs"], *found["model_rates"], *found["ratings"]):
        assert row["holds"], row
    assert found["side_bias"]["interval"] == "wilson, clustered by prompt"


def test_differences_of_ratings_have_bounds_that_hold_at_once(database: Database) -> None:
    judged(database, annotators=10, prompts=12, exchanged=True)

    found = document(database)

    (difference,) = found["rating_differences"]
    assert (difference["model"], difference["opponent"]) == ("alpha", "beta")
    elo = {one["model"]: one["elo"] for one in found["ratings"]}
    assert difference["difference"] == pytest.approx(elo["alpha"] - elo["beta"])
    assert 0 < difference["low"] < difference["difference"] < difference["high"]
    assert difference["told_apart"]
    row = exported(database, ExportTable.PAIRS)[1]
    assert (row["model"], row["ratings_told_apart"]) == ("beta", "true")
    assert float(row["rating_difference_high"]) == pytest.approx(-difference["low"])
