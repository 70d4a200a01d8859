"""What is still to be collected, and what a verdict holds fixed."""

import re
from itertools import product

import pytest

from arena.domain.verdict import Verdict
from arena.storage.database import Database
from arena.web.leaderboard.body import board_body
from arena.web.leaderboard.query import Tab
from tests.builders import seed_vote
from tests.web.leaderboard.boards import TEXTS, row_of, text_of, varied_votes, view_of


def opinions(database: Database, *, annotators: int = 10, votes: int = 12) -> None:
    """People who differ: most prefer alpha a little, some of them much, and a few beta."""
    for number, vote in product(range(annotators), range(votes)):
        share = (3, 4, 6, 7, 8, 9, 10, 11)[number % 8]
        first_wins, exchanged = vote < share * votes // 12, (number + vote) % 2 == 1
        seed_vote(
            database,
            Verdict.A_BETTER if first_wins != exchanged else Verdict.B_BETTER,
            models=("beta", "alpha") if exchanged else ("alpha", "beta"),
            annotator=f"annotator-{number}",
            prompts=(f"prompt {number} {vote}",),
        )


@pytest.mark.parametrize(
    ("language", "cell", "sentence"),
    [
        (
            "en",
            r"\d+ others × 12 \d+ (to \d+|or more) · same people: cannot",
            r"takes about \d+ other people with 12 decisive comparisons each, on about [\d,]+ "
            r"other prompts, if the true rate is the 5\d\.\d % seen so far .* "
            r"The same 10 people cannot,",
        ),
        (
            "zh",
            r"另 \d+ 人 × 12 票 (\d+ 至 \d+|至少 \d+) · 同一批人：无法做到",
            r"约需另外 \d+ 人、每人 12 次分出胜负的比较，用约 [\d,]+ 个其他提示词"
            r".* 同样这 10 人无论再投多少票都做不到",
        ),
    ],
)
def test_a_plan_names_other_people_their_votes_and_what_the_same_people_can_do(
    database: Database, language: str, cell: str, sentence: str
) -> None:
    opinions(database)

    html = board_body(view_of(database, Tab.HEAD_TO_HEAD, "alpha", language=language))

    assert re.search(cell, row_of(html, "Name of beta", "pairs-0"))
    assert re.search(sentence, text_of(html))


def test_a_plan_of_few_annotators_speaks_of_them_alone(database: Database) -> None:
    opinions(database, annotators=4)

    html = board_body(view_of(database, Tab.HEAD_TO_HEAD, "alpha"))

    assert re.search(
        r"same people: \d+ more each for these annotators only",
        row_of(html, "Name of beta", "pairs-0"),
    )
    text = text_of(html)
    assert re.search(r"Name of beta for these 4 annotators only takes about \d+ decisive", text)
    assert "For people at large no number can be planned" in text


@pytest.mark.parametrize(
    ("language", "fixed", "promise"),
    [
        ("en", "held fixed", "equal among those whom its column names"),
        ("zh", "视为给定", "在该列所指范围内势均力敌"),
    ],
)
def test_a_watched_verdict_says_what_it_holds_fixed(
    language: str, fixed: str, promise: str
) -> None:
    texts = TEXTS[language]
    holding = {
        name: fixed in texts[f"leaderboard.help.{name}"]
        for name in ("verdict_votes", "verdict_annotators", "verdict_prompts", "verdict_both")
    }

    assert list(holding.values()) == [True, True, True, False]
    assert promise in texts["leaderboard.firmness_hint"]


def test_a_verdict_on_too_few_bets_cannot_be_told_and_says_how_many_it_takes(
    database: Database,
) -> None:
    varied_votes(database, ("alpha", "beta"), 60, won=3, annotators=5)

    html = board_body(view_of(database, Tab.QUALITY))

    (row,) = re.findall(r'id="firmness">.*?<tbody>(.*?)</tbody>', html)
    said = text_of(row)
    assert "settled by 60 decisive comparisons" in said  # of these people on these prompts
    assert "cannot be told 5 annotators with 5 votes, at least 8 needed" in said
