"""The table of models: its columns, what a row unfolds, and how far each row can be relied on."""

import re
from dataclasses import replace

import pytest

from arena.domain.battle import BattleState
from arena.storage.database import Database
from arena.web.leaderboard.body import board_body
from arena.web.leaderboard.query import MoreColumn, Tab
from arena.web.leaderboard.view import BoardView
from tests.builders import seed_battle, seed_vote, seed_votes
from tests.web.leaderboard.boards import text_of, varied_votes, view_of


def columns(html: str) -> list[str]:
    return re.findall(r'<th scope="col" class="c-(\w+)"', html)


def cells(html: str, name: str) -> dict[str, str]:
    """The cells of a model by column, as text."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html.split("<tbody>")[1])
    (row,) = [row for row in rows if f">{name}</a>" in row]
    found = re.findall(r'<t[hd][^>]* class="c-(\w+)"[^>]*>(.*?)</t[hd]>', row)
    found += re.findall(r'<t[hd] class="c-(\w+)"[^>]*>(.*?)</t[hd]>', row)
    return {column: text_of(cell) for column, cell in found}


def with_columns(view: BoardView, *wanted: MoreColumn) -> str:
    query = replace(view.query, columns=frozenset(wanted))
    return board_body(replace(view, query=query))


def test_a_row_has_rank_range_rate_bar_interval_counts_and_state(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 120)
    seed_votes(database, ties=8)

    html = board_body(view_of(database))
    row = cells(html, "Name of alpha")

    assert columns(html) == [
        *("rank", "model", "pooled", "bar", "interval", "wins", "losses", "ties", "annotators"),
        "state",
    ]
    assert row["rank"] == "1"
    assert re.fullmatch(r"\d\d\.\d–\d\d\.\d", row["interval"])
    assert [row[name] for name in ("pooled", "wins", "losses", "ties", "annotators", "state")] == [
        *("66.7 %", "80", "40", "8", "10", "◐ preliminary")
    ]
    assert cells(html, "Name of beta")["rank"] == "2"


def test_models_that_cannot_be_told_apart_share_their_ranks(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 20)
    varied_votes(database, ("beta", "gamma"), 20)
    varied_votes(database, ("gamma", "alpha"), 22)

    assert cells(board_body(view_of(database)), "Name of alpha")["rank"].startswith("1–3")


def test_the_bar_ends_where_the_rate_does_and_the_whisker_where_the_interval_does(
    database: Database,
) -> None:
    varied_votes(database, ("alpha", "beta"), 120)

    view = view_of(database)
    found = view.pooled(view.board.best_first[0].model)

    assert found is not None
    assert found.interval is not None
    low, high = 100 * found.interval.low, 100 * found.interval.high
    html = board_body(view)
    assert '<b style="width:66.67%"></b>' in html
    assert f'<i style="left:{low:.2f}%;width:{high - low:.2f}%"></i><u></u>' in html
    assert "<i style" not in board_body(view_of(database, waiting=True))


def test_columns_that_are_0_in_every_row_are_left_away_and_named(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)

    html = board_body(view_of(database))

    assert not {"ties", "both_bad"} & set(columns(html))
    assert "Not shown, because 0 for every model: Ties, Both bad." in html
    seed_votes(database, both_bad=1)
    html = board_body(view_of(database))
    assert "both_bad" in columns(html)
    assert "because 0 for every model: Ties." in html


def test_other_columns_are_there_where_they_are_asked_for(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    seed_votes(database, ties=2)
    seed_vote(database, recognised=True)
    seed_battle(database, failing=0, state=BattleState.VOID)
    view = view_of(database)

    assert not set(MoreColumn) & set(columns(board_body(view)))
    html = with_columns(view, *MoreColumn)

    assert set(MoreColumn) <= set(columns(html))
    row = cells(html, "Name of alpha")
    assert (row["mean"], row["decisive"], row["prompts"]) == ("66.7 %", "60", "30")
    assert (row["left_out"], row["void"], row["tie_rate"]) == ("1", "1 / 64", "3.2 %")
    assert 'href="?model=alpha&amp;columns=mean&amp;' in html, "links keep the columns"


def test_too_few_votes_are_pale(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    seed_vote(database, models=("alpha", "gamma"))

    html = board_body(view_of(database))

    assert html.count('<tr class="lb-faint">') == 1
    assert cells(html, "Name of gamma")["state"] == "○ too few"


def test_the_row_of_the_chosen_model_unfolds_its_opponents_in_place(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)
    varied_votes(database, ("alpha", "gamma"), 60, won=1)

    html = board_body(view_of(database, baseline="alpha", category="math", waiting=False))
    assert "lb-unfolded" not in html, "no vote is in this category"
    html = board_body(view_of(database, baseline="alpha"))

    row, inside = html.split('<tr class="lb-unfolded">')
    assert row.rindex("Name of alpha</a>") > row.rindex("Name of gamma</a>")
    assert "Name of beta</a>" not in row
    inside = inside.split("</tr>")[0]
    assert re.findall(r'class="lb-opponent" href="[^"]*" data-board>([^<]*)<', inside) == [
        "Name of gamma",
        "Name of beta",
    ]
    for said in (
        "preliminary: The interval is wider",
        "95 % Wilson interval",
        "10 annotators · 30 prompts · ",
    ):
        assert said in text_of(inside)
    assert 'href="?tab=head&amp;model=alpha" data-board' in inside


def test_the_link_of_a_row_unfolds_it_and_folds_it_up_again(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)

    folded = board_body(view_of(database))
    unfolded = board_body(view_of(database, baseline="alpha"))

    assert 'id="model-0" href="?model=alpha" data-board aria-expanded="false"' in folded
    assert 'id="model-0" href="?" data-board aria-expanded="true"' in unfolded
    assert 'id="model-1" href="?model=beta" data-board aria-expanded="false"' in unfolded


@pytest.mark.parametrize("waiting", [True, False])
def test_a_chosen_model_without_votes_unfolds_nothing(database: Database, waiting: bool) -> None:
    varied_votes(database, ("alpha", "beta"), 60)

    html = board_body(view_of(database, Tab.RATES, "never heard of", waiting=waiting))

    assert "lb-unfolded" not in html
    assert "Name of alpha" in html
