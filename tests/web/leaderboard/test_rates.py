"""Rates never stand without what says how sure they are: counts, intervals and states."""

import re

import pytest

from arena.statistics.win_rate import Record
from arena.storage.database import Database
from arena.web.leaderboard.body import board_body
from arena.web.leaderboard.parts.numbers import whole_percents
from arena.web.leaderboard.query import Tab
from tests.builders import seed_vote, seed_votes
from tests.web.leaderboard.boards import row_of, text_of, varied_votes, view_of


def test_too_few_votes_are_faint_hatched_and_in_brackets(database: Database) -> None:
    seed_votes(database, wins=3, losses=2, category="math")

    rates = board_body(view_of(database, Tab.HEAD_TO_HEAD, "alpha"))

    assert "lb-bar lb-faint" in rates
    assert '<tr class="lb-faint">' in board_body(view_of(database))
    assert '<tr class="lb-faint">' in rates
    assert "lb-whisker" not in rates.split("lb-bars")[1]
    assert '<td class="few"' in board_body(view_of(database, Tab.MATRIX))
    assert "(60)" in board_body(view_of(database, Tab.CATEGORIES))
    ratings = board_body(view_of(database, Tab.RATINGS))
    assert "too few votes for an interval" in row_of(ratings, "Name of alpha", "ratings")


@pytest.mark.parametrize("tab", [Tab.RATES, Tab.HEAD_TO_HEAD, Tab.MATRIX])
def test_while_waiting_no_interval_is_shown_and_no_state_but_too_few(
    database: Database, tab: Tab
) -> None:
    varied_votes(database, ("alpha", "beta"), 60)

    html = board_body(view_of(database, tab, "alpha", waiting=True)).split("lb-meanings")[0]

    assert not re.search(r"\d–\d", text_of(html).split("Answer A")[0])
    for state in ("preliminary", "established"):
        assert f'lb-state lb-{state}"' not in html


def test_rows_and_columns_stay_when_the_intervals_come(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    for tab in Tab:
        before, after = (
            board_body(view_of(database, tab, "alpha", waiting=waiting))
            for waiting in (True, False)
        )
        shared = before if tab is not Tab.QUALITY else before.split('id="firmness"')[0]
        for table in re.findall(r'class="lb-table[^"]*" id="([^"]+)"', shared):
            (old, new) = (
                re.findall(rf'id="{table}">(.*?)</table>', html)[0] for html in (before, after)
            )
            assert old.count("<t") == new.count("<t"), (tab, table)


@pytest.mark.parametrize("tab", [Tab.RATES, Tab.HEAD_TO_HEAD])
def test_bars_are_integers_that_add_up_to_100_weakest_first(database: Database, tab: Tab) -> None:
    seed_votes(database, models=("alpha", "beta"), wins=2, losses=1)
    seed_votes(database, models=("alpha", "gamma"), wins=1, losses=7)

    html = board_body(view_of(database, tab, "alpha"))

    assert re.findall(r'role="img" aria-label="([^"]+)"', html) == [
        "Against Name of gamma: 12 % win, 88 % lose, 8 decisive comparisons",
        "Against Name of beta: 67 % win, 33 % lose, 3 decisive comparisons",
    ]
    assert 'style="width:12.50%">12</span>' in html


def test_a_pair_has_the_same_two_integers_in_the_panels_of_both_models() -> None:
    for decisive in range(1, 401):
        for wins in range(decisive + 1):
            record = Record(wins, decisive - wins)
            (win, lose), mirrored = whole_percents(record), whole_percents(record.mirrored)
            assert (lose, win) == mirrored
            assert win + lose == 100
            assert abs(win * decisive - 100 * wins) * 2 <= decisive


@pytest.mark.parametrize(
    ("wins", "losses", "printed"),
    [(90, 52, (63, 37)), (90, 63, (59, 41)), (61, 89, (41, 59))],
)
def test_counts_that_were_published_are_printed_as_rounded_by_hand(
    wins: int, losses: int, printed: tuple[int, int]
) -> None:
    assert whole_percents(Record(wins, losses, ties=70)) == printed


def test_the_rate_never_stands_without_its_counts_interval_and_state(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    seed_votes(database, ties=8, both_bad=2)

    row = row_of(
        board_body(view_of(database, Tab.HEAD_TO_HEAD, "alpha")), "Name of beta", "pairs-0"
    )

    assert re.match(
        r"66\.7 % \d\d\.\d–\d\d\.\d 40 20 8 2 14\.3 % 60 10 30 ◐ preliminary 3\d\.\d % n \d+", row
    )


def test_the_whisker_stands_where_the_interval_is(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)

    view = view_of(database, Tab.RATES, "alpha")
    assert view.rated is not None
    found = next(rate for pair, rate in view.rated.rates.pairs.items() if pair.model == "alpha")

    assert found.interval is not None
    low, width = 100 * found.interval.low, 100 * (found.interval.high - found.interval.low)
    assert f'lb-whisker" style="left:{low:.2f}%;width:{width:.2f}%"' in board_body(view)


def test_one_decisive_vote_is_one_decisive_vote(database: Database) -> None:
    seed_vote(database)

    html = board_body(view_of(database, Tab.RATES, "alpha"))

    assert 'Against Name of beta: 100 % win, 0 % lose, 1 decisive comparison"' in html
