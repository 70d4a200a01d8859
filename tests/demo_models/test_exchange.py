import random

import pytest

from demo_models.exchange import (
    Check,
    Draw,
    Exchange,
    Split,
    WrongSplitError,
    belongs_to,
    with_article,
)


def test_an_exchange_without_a_check_wants_its_exact_reply() -> None:
    exchange = Exchange("2 + 2", "2 + 2 = 4")
    assert exchange.accepts(" 2 + 2 = 4\n")
    assert not exchange.accepts("2 + 2 = 5")


def test_a_check_wants_the_number_of_lines_and_the_words() -> None:
    check = Check(lines=2, mentions=("Snow",))
    assert check.accepts("white snow\nfalls")
    assert not check.accepts("white snow falls")
    assert not check.accepts("white rain\nfalls")


def test_a_check_wants_its_opening() -> None:
    check = Check(lines=1, opening="Once upon a time")
    assert check.accepts("Once upon a time there was a fox.")
    assert not check.accepts("There was a fox once upon a time.")


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ("1. Chess\n2. Running", True),
        ("1. Chess\n2. Chess", False),
        ("1. Chess\n2. Flying", False),
        ("1. Chess", False),
    ],
)
def test_a_list_holds_known_items_each_once(answer: str, accepted: bool) -> None:
    check = Check(lines=2, choices=("Chess", "Running", "Painting"))
    assert check.accepts(answer) is accepted


def test_about_one_combination_in_ten_is_held_out() -> None:
    held_out = sum(belongs_to(("sum", a, b)) is Split.TEST for a in range(100) for b in range(100))
    assert 900 <= held_out <= 1100


def test_a_combination_can_be_claimed_in_one_split_only() -> None:
    splits = []
    for split in Split:
        try:
            Draw(random.Random(0), split).claim("haiku", "snow")
        except WrongSplitError:
            continue
        splits.append(split)
    assert splits == [belongs_to(("haiku", "snow"))]


def test_fixed_sentences_are_for_training_only() -> None:
    Draw(random.Random(0), Split.TRAIN).claim_for_training()
    with pytest.raises(WrongSplitError):
        Draw(random.Random(0), Split.TEST).claim_for_training()


def test_the_article_follows_the_sound() -> None:
    articles = [with_article(word) for word in ("owl", "fox", "umbrella", "unicorn")]
    assert articles == ["an owl", "a fox", "an umbrella", "a unicorn"]
