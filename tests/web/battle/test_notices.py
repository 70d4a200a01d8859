"""The one status region of the page: state, what may be done, and a sentence."""

import re

import pytest

from arena.domain.battle import BattleId, BattleState, BattleView, TurnView
from arena.web.battle.notices import SILENCE, Sentence, sentence_of, view_element
from arena.web.common.texts import load_texts

WORDS = load_texts().by_language["en"]


def view(state: BattleState, *, turns: int = 1, truncated: bool = False) -> BattleView:
    return BattleView(BattleId("b1"), state, 2, (TurnView("?", ("", "")),) * turns, truncated)


def test_a_complete_battle_asks_the_question() -> None:
    sentence = sentence_of(WORDS, view(BattleState.COMPLETE))
    assert sentence.point == "Which answer is better?"


def test_a_cut_answer_says_what_a_vote_is_worth() -> None:
    sentence = sentence_of(WORDS, view(BattleState.COMPLETE, truncated=True))
    assert "stored but not counted" in sentence.more


@pytest.mark.parametrize(("turns", "said"), [(1, "or skip"), (2, "complete turns")])
def test_a_stopped_battle_says_what_is_left_to_do(turns: int, said: str) -> None:
    assert said in sentence_of(WORDS, view(BattleState.STOPPED, turns=turns)).more


def test_a_battle_that_was_voted_on_has_a_sentence_of_its_own() -> None:
    assert sentence_of(WORDS, view(BattleState.VOTED)) == SILENCE


def test_the_element_is_the_status_region_and_escapes_what_it_is_given() -> None:
    html = view_element("voted", sentence=Sentence("<b>", "<i>", "<u>"), notes={"if": "<s>"})
    assert html.count('role="status"') == 1
    assert not re.search("<[bius]>", html)


def test_without_a_sentence_there_is_no_paragraph() -> None:
    assert "<p" not in view_element("empty")
