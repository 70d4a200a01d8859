"""The head of a board: what is counted, until when, and five figures that keep their room."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from arena.domain.verdict import Verdict
from arena.services.importing.containers import vote_file
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.imports import Imports
from arena.services.importing.vote_formats import votes_of_file
from arena.storage.database import Database
from arena.web.leaderboard.head import board_head
from arena.web.leaderboard.parts.quote import quote, quoted
from arena.web.leaderboard.query import Tab
from tests.builders import NOON, seed_vote, seed_votes
from tests.fakes.clock import VirtualClock
from tests.web.leaderboard.boards import in_one_order, text_of, varied_votes, view_of


def shared_items(database: Database) -> None:
    """Twelve items that two people judged, with one mind on half of them."""
    for number in range(12):
        for annotator, verdict in (("ada", Verdict.A_BETTER), ("bob", list(Verdict)[number % 2])):
            seed_vote(database, verdict, annotator=annotator, prompts=(f"Prompt {number}?",))


def tile(html: str, name: str) -> str:
    (inside,) = re.findall(rf'<div id="tile-{name}">(.*?)</div>', html)
    return text_of(inside)


@pytest.mark.parametrize("tab", Tab)
def test_every_tab_has_the_five_figures(database: Database, tab: Tab) -> None:
    shared_items(database)
    seed_votes(database, ties=4, both_bad=2, category="math")

    html = board_head(view_of(database, tab))

    assert tile(html, "votes") == "Votes 30 2 models"
    assert tile(html, "decisive") == "Decisive 80 % 24 of 30"
    assert tile(html, "annotators") == "Annotators 2 on average 15 votes each"
    assert tile(html, "prompts") == "Prompts 13 on average 2 votes each"
    assert re.fullmatch(r"Agreement α( -?\d\.\d\d){2}–-?\d\.\d\d", tile(html, "agreement"))


@pytest.mark.parametrize("tab", Tab)
def test_figures_to_come_keep_their_room_and_those_of_the_counts_are_there(
    database: Database, tab: Tab
) -> None:
    varied_votes(database, ("alpha", "beta"), 40)

    before, after = (board_head(view_of(database, tab, waiting=waits)) for waits in (True, False))

    assert tile(before, "votes") == tile(after, "votes") == "Votes 40 2 models"
    assert before.count("lb-wait") == 4
    assert "lb-wait" not in after
    assert before.count("<d") == after.count("<d")


def test_a_board_without_shared_items_says_that_it_has_no_alpha(database: Database) -> None:
    seed_vote(database)
    assert tile(board_head(view_of(database)), "agreement") == "Agreement α – too few shared"


@pytest.mark.parametrize(
    ("language", "scope"),
    [
        ("en", "Win:loss rate without ties · All votes · votes until 3 Feb 2026"),
        ("zh", "不计平局的胜负率 · 全部投票 · 投票截至 2026 年 2 月 3 日"),
    ],
)
@pytest.mark.parametrize("tab", [Tab.RATES, Tab.QUALITY, Tab.CATEGORIES])
def test_the_scope_names_the_day_of_the_last_vote(
    database: Database, tab: Tab, language: str, scope: str
) -> None:
    seed_vote(database, at=datetime(2026, 2, 3, 23, 59, tzinfo=UTC))
    seed_vote(database, at=datetime(2026, 1, 9, tzinfo=UTC))

    assert scope in text_of(board_head(view_of(database, tab, language=language)))
    waiting = text_of(board_head(view_of(database, tab, language=language, waiting=True)))
    assert "…" in waiting
    assert "2026" not in waiting


def test_the_scope_names_what_the_filters_limit(database: Database) -> None:
    seed_vote(database, category="math", at=NOON)
    first = NOON - timedelta(days=1)

    text = text_of(board_head(view_of(database, category="math", since=first)))

    assert f"ties · Category: Math · votes of {first.date()} – …" in text
    assert "All votes" not in text


def test_an_empty_board_has_a_scope_and_nothing_to_save(database: Database) -> None:
    html = board_head(view_of(database))
    assert text_of(html) == "Win:loss rate without ties · All votes"


def test_files_and_link_speak_of_the_board_that_is_shown(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 40, won=3)
    varied_votes(database, ("gamma", "beta"), 40)

    html = board_head(view_of(database, Tab.MATRIX, include_flagged=True))

    assert 'href="/leaderboard/table.tex?tab=matrix&amp;flagged=1" download' in html
    assert 'id="copy-link"' in html


def test_the_sentence_to_quote_has_the_pair_of_the_best_two_with_what_it_is_worth(
    database: Database,
) -> None:
    varied_votes(database, ("alpha", "beta"), 120)
    varied_votes(database, ("beta", "gamma"), 120)

    said = quoted(view_of(database))

    assert re.fullmatch(
        r"Of 3 models only Name of alpha can be first by these votes\. Between the first two, "
        r"Name of alpha beats Name of beta 66\.7 % \(5\d–7\d\), 120 decisive comparisons, "
        r"10 annotators: preliminary",
        said,
    )
    assert f'<q id="quote">{said}</q>' in quote(view_of(database))


def test_a_lead_whose_interval_holds_one_half_is_not_called_a_win(database: Database) -> None:
    seed_votes(database, wins=1, losses=1)
    for number in range(60):
        first = number % 9 < 5
        exchanged = number % 2 == 1
        seed_vote(
            database,
            Verdict.A_BETTER if first != exchanged else Verdict.B_BETTER,
            models=("beta", "alpha") if exchanged else ("alpha", "beta"),
            annotator=f"annotator-{number % 10}",
            prompts=(f"prompt {number // 2}",),
        )

    assert "Name of alpha is ahead of Name of beta" in quoted(view_of(database))
    assert "not surely" in quoted(view_of(database))


def test_while_the_interval_is_computed_the_sentence_claims_nothing(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 60)

    assert quoted(view_of(database, waiting=True)) == (
        "Whether these votes tell which model is best is being computed. Between the first two, "
        "Name of alpha against Name of beta: 66.7 % of 60 decisive comparisons: …"
    )


def test_models_that_met_too_seldom_are_quoted_against_all_together(database: Database) -> None:
    for number in range(5):
        varied_votes(database, ("alpha", f"rival-{number}"), 16)

    assert re.fullmatch(
        r"Name of alpha wins 68\.8 % \(\d\d–\d\d\) against all opponents together, "
        r"80 decisive comparisons, \d+ annotators: \w+",
        quoted(view_of(database)),
    )


def test_few_votes_are_not_quoted_and_one_order_is_never_established(database: Database) -> None:
    seed_votes(database, wins=5)
    assert quote(view_of(database)) == ""
    in_one_order(database)
    assert "established" not in quoted(view_of(database))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            r"These votes do not tell which model is best: 3 of 3 may be first\. "
            r"Between the first two, Name of \w+ .*: \w+",
        ),
        (
            "zh",
            r"这些投票说明不了哪个模型最好：3 个中有 3 个可能居首。前两名之间：Name of \w+ .*：\w+",
        ),
    ],
)
def test_where_nothing_is_told_apart_at_the_top_the_sentence_says_so_first(
    database: Database, language: str, said: str
) -> None:
    varied_votes(database, ("alpha", "beta"), 40)
    varied_votes(database, ("beta", "gamma"), 40)
    varied_votes(database, ("gamma", "alpha"), 46)

    assert re.fullmatch(said, quoted(view_of(database, language=language)))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            r"By rate Name of alpha \(66\.7 %, \d\d–\d\d, "
            r"preliminary\) comes first and Name of beta \(66\.7 %, .*\) second; "
            r"the two have met .*",
        ),
        (
            "zh",
            r"按胜率，第一是 Name of alpha（66\.7 %，.*），第二是 Name of beta（.*两者相遇太少，.*",
        ),
    ],
)
def test_the_best_two_that_have_not_met_are_told_against_all(
    database: Database, language: str, said: str
) -> None:
    varied_votes(database, ("alpha", "gamma"), 120)
    varied_votes(database, ("beta", "gamma"), 60)

    sentence = quoted(view_of(database, language=language))

    assert re.search(said, sentence)
    assert "gamma" not in sentence


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "undated votes, imported 1 Jan 2026"),
        ("zh", "2026 年 1 月 1 日导入，投票日期不详"),
    ],
)
def test_the_day_of_an_import_is_not_taken_for_that_of_its_votes(
    database: Database, tmp_path: Path, language: str, said: str
) -> None:
    file = tmp_path / "undated.csv"
    file.write_text(
        "id,prompt,model_x,model_y,worker,winner,left,right\n0,8,97,98,58,tie,One,Another\n"
    )
    read = partial(votes_of_file, vote_file(file), VoteFormat.LLMFAO, Reading())
    Imports(database, VirtualClock()).votes(read, VoteFormat.LLMFAO)

    for tab in (Tab.RATES, Tab.QUALITY):
        assert said in text_of(board_head(view_of(database, tab, language=language)))
    seed_vote(database, at=datetime(2026, 12, 1, tzinfo=UTC))
    assert "votes until 1 Dec 2026" in text_of(board_head(view_of(database)))
    assert "imported" not in text_of(board_head(view_of(database)))
