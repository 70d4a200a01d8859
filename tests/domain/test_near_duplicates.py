"""Texts that repeat earlier ones are found, whatever else there is."""

import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from arena.domain.near_duplicates import NEAR, Duplicate, duplicates

LONG = "Explain to a twelve-year-old why the sky is blue and the evening sky is red, in 100 words."


def test_texts_that_differ_in_case_width_and_white_space_are_the_same() -> None:
    texts = ["Why is  the sky\nblue?", "something else", "WHY is the ｓｋｙ blue?"]

    assert list(duplicates(texts)) == [Duplicate(2, 0, exact=True)]


def test_a_small_change_in_a_long_text_is_nearly_the_same() -> None:
    assert list(duplicates([LONG, f"{LONG}!"])) == [Duplicate(1, 0, exact=False)]


def test_other_texts_are_not_near() -> None:
    texts = [
        "What is 3 + 4?",
        "What is 3 - 4?",
        LONG,
        LONG.replace("blue", "grey and cloudy"),
        "",
        "?",
    ]

    assert list(duplicates(texts)) == []


def test_each_repetition_is_one_of_the_first() -> None:
    assert list(duplicates([LONG, LONG, LONG])) == [
        Duplicate(1, 0, exact=True),
        Duplicate(2, 0, exact=True),
    ]


def shingles(text: str) -> set[str]:
    return {text[start : start + 5] for start in range(max(len(text) - 5, 0) + 1)}


@given(st.lists(st.text("ab ", min_size=1, max_size=40).map(str.strip), max_size=12), st.randoms())
def test_near_texts_are_those_that_a_comparison_of_all_pairs_finds(
    words: list[str], chance: random.Random
) -> None:
    texts = [" ".join((*chance.sample(words, len(words)), word)) for word in words]
    normalized = [" ".join(text.split()) for text in texts]
    near = {
        later
        for earlier, later in combinations(range(len(texts)), 2)
        if (one := shingles(normalized[earlier])) and (other := shingles(normalized[later]))
        if len(one & other) >= NEAR * len(one | other)
    }

    found = {duplicate.position for duplicate in duplicates(texts)}

    assert found <= near
    assert bool(found) == bool(near)


def test_ten_thousand_texts_of_one_template_are_compared() -> None:
    texts = [f"Translate line {number} of the poem into verse: {LONG}" for number in range(10_000)]

    assert len(list(duplicates(texts))) > 9_900
