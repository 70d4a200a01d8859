"""Ratings: for whom they hold, what one order leaves open, and how they differ."""

import re

import pytest

from arena.storage.database import Database
from arena.web.leaderboard.body import board_body
from arena.web.leaderboard.query import Tab
from tests.builders import seed_votes
from tests.web.leaderboard.boards import in_one_order, row_of, text_of, varied_votes, view_of


def test_intervals_of_few_annotators_say_so_wherever_they_stand(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 90, annotators=4)
    seed_votes(database, wins=1, category="math")
    few = "for these 4 annotators only"

    for tab in (Tab.RATES, Tab.HEAD_TO_HEAD, Tab.MATRIX, Tab.QUALITY, Tab.CATEGORIES):
        html = board_body(view_of(database, tab, "alpha")).split("lb-meanings")[0]
        assert few in html or "for these 5 annotators only" in html, tab
    assert "hold for these annotators only" in board_body(view_of(database, Tab.RATINGS))


def test_ratings_of_few_annotators_are_marked_in_every_row(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 90, annotators=4)

    html = board_body(view_of(database, Tab.RATINGS))

    for name in ("Name of alpha", "Name of beta"):
        assert row_of(html, name, "ratings").count("†") == 2, "rank and interval"
    assert row_of(html, "Name of alpha", "differences").count("†") == 2, "interval and verdict"


def test_ratings_of_enough_annotators_are_not_marked(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 90)

    html = board_body(view_of(database, Tab.RATINGS)).split("lb-note")[0]

    assert "†" not in html
    assert "‡" not in html


def test_votes_in_one_order_say_so_wherever_they_stand(database: Database) -> None:
    in_one_order(database)
    words = "shown in one order only: a lean to one side looks like a lead"

    bodies = {tab: board_body(view_of(database, tab, "alpha")) for tab in Tab}

    for tab in (Tab.RATES, Tab.HEAD_TO_HEAD, Tab.MATRIX, Tab.RATINGS, Tab.QUALITY):
        assert words in bodies[tab], tab
    rates, ratings = text_of(bodies[Tab.RATES]), bodies[Tab.RATINGS]
    assert "‡ on this board: pairs with enough votes 1, models 2." in rates
    assert "no number: one order" in text_of(bodies[Tab.HEAD_TO_HEAD])
    for tab in (Tab.RATES, Tab.HEAD_TO_HEAD):
        assert "● established" not in text_of(bodies[tab])
    assert row_of(ratings, "Name of alpha", "ratings").startswith("1–2 ‡")
    assert row_of(ratings, "Name of alpha", "differences").endswith("cannot be told: one order")
    assert "balanced by construction" not in text_of(bodies[Tab.QUALITY])


def test_votes_in_both_orders_are_said_to_favour_no_model(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 240)

    text = text_of(board_body(view_of(database, Tab.RATES, "alpha")))

    assert "‡ on this board: pairs with enough votes 0, models 0." in text
    assert "told apart" in text
    assert "of boards of equal models at most 5 % have any such pair" in text


def test_differences_are_of_all_pairs_of_neighbours_or_of_one_model(database: Database) -> None:
    def rows(baseline: str | None = None) -> int:
        html = board_body(view_of(database, Tab.RATINGS, baseline))
        (table,) = re.findall(r'<table class="lb-table" id="differences">(.*?)</table>', html)
        return len(re.findall("<tr", table)) - 1

    names = [f"m{number}" for number in range(3)]
    for place, name in enumerate(names):
        varied_votes(database, (name, names[place - 1]), 40)
    assert (rows(), rows("m1")) == (3, 2)
    for number in range(3, 8):
        varied_votes(database, (f"m{number}", "m0"), 40)
    assert (rows(), rows("m1")) == (7, 7)


def test_a_difference_is_the_same_from_both_sides(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 240)

    one, other = (
        row_of(board_body(view_of(database, Tab.RATINGS, key)), f"Name of {key}", "differences")
        for key in ("alpha", "beta")
    )

    assert re.fullmatch(r"Name of beta \+120 \+\d+ … \+\d+ 66\.7 % told apart", one)
    assert re.fullmatch(r"Name of alpha −120 −\d+ … −\d+ 33\.3 % told apart", other)


@pytest.mark.parametrize("baseline", [None, "m1"])
@pytest.mark.parametrize("models", [3, 8])
def test_differences_and_notes_keep_their_room_while_they_are_computed(
    database: Database, baseline: str | None, models: int
) -> None:
    for number in range(1, models):
        varied_votes(database, (f"m{number}", "m0"), 40)

    before, after = (
        board_body(view_of(database, Tab.RATINGS, baseline, waiting=waits))
        for waits in (True, False)
    )

    assert before.count("<tr") == after.count("<tr")
    computing = 1  # the line that says so
    assert before.count("lb-note") - computing == after.count("lb-note")


def uneven_opponents(database: Database) -> None:
    """gpt-4 beats claude, claude beats llama, and llama beats two tiny models."""
    seed_votes(database, models=("gpt-4", "claude"), wins=110, losses=90)
    seed_votes(database, models=("claude", "llama"), wins=85, losses=15)
    for tiny in ("tiny-a", "tiny-b"):
        seed_votes(database, models=("llama", tiny), wins=80, losses=20)


def test_the_page_says_that_pooled_rate_mean_and_rating_order_the_models_differently(
    database: Database,
) -> None:
    uneven_opponents(database)
    for tab in (Tab.RATES, Tab.MATRIX, Tab.RATINGS):
        page = text_of(board_body(view_of(database, tab))).replace("Name of ", "")
        assert "Pooled rate, mean over opponents and rating order the models differently." in page
        assert (
            "First is claude, llama by the pooled rate, claude by the mean over opponents, "
            "gpt-4 by the rating."
        ) in page
        waiting = text_of(board_body(view_of(database, tab, waiting=True)))
        assert "the rating is being computed" in waiting


def test_rates_that_differ_are_said_to_before_the_rating_is_known(database: Database) -> None:
    seed_votes(database, models=("gpt-4", "claude"), wins=46, losses=34)
    for better, worse in (("claude", "llama"), ("llama", "tiny-a"), ("llama", "tiny-b")):
        seed_votes(database, models=(better, worse), wins=24, losses=6)
    seed_votes(database, models=("newcomer", "tiny-a"), wins=1)
    waiting = text_of(board_body(view_of(database, waiting=True))).replace("Name of ", "")
    assert (
        "First is llama by the pooled rate, claude by the mean over opponents, … by the rating."
    ) in waiting


def test_measures_that_agree_are_said_to_and_two_models_need_no_sentence(
    database: Database,
) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    assert "lb-orders" not in board_body(view_of(database))
    varied_votes(database, ("beta", "gamma"), 60)
    varied_votes(database, ("alpha", "gamma"), 60)
    assert "order the models alike, as far" in board_body(view_of(database))
    assert "the rating is being computed" in board_body(view_of(database, waiting=True))
    assert "lb-orders" not in board_body(view_of(database, Tab.HEAD_TO_HEAD, "alpha"))
    assert "lb-orders" not in board_body(view_of(database, Tab.QUALITY))
