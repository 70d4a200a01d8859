"""Sentences: the same keys and figures in every language, and one for every refusal."""

from string import Formatter

import pytest

from arena.catalog.arena_config import CATEGORIES
from arena.domain.battle import BattleState, Notice
from arena.domain.errors import ArenaError, Refusal
from arena.domain.verdict import Reason, Verdict
from arena.inference.backend import ModelState
from arena.web.battle.layout import LANGUAGES
from arena.web.common.texts import gradio_texts, load_texts, refusal_sentence

TEXTS = load_texts()
ENGLISH = TEXTS.by_language["en"]
OTHERS = [language for language in TEXTS.by_language if language != "en"]


def figures(sentence: str) -> set[str]:
    """Names of the places that figures are put in."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys_and_no_empty_sentence(language: str) -> None:
    other = TEXTS.by_language[language]
    assert other.keys() == ENGLISH.keys()
    assert [key for key, sentence in other.items() if not sentence.strip()] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_figures_of_the_original(language: str) -> None:
    other = TEXTS.by_language[language]
    assert {key: figures(sentence) for key, sentence in other.items()} == {
        key: figures(sentence) for key, sentence in ENGLISH.items()
    }


@pytest.mark.parametrize("language", TEXTS.by_language)
@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_has_a_sentence_that_takes_its_figures(
    language: str, refusal: Refusal
) -> None:
    error = ArenaError(refusal, length=12_345, limit=6_789, seconds=30)
    sentence = refusal_sentence(TEXTS.by_language[language], error)
    assert sentence
    assert "{" not in sentence


def test_figures_are_grouped_so_that_they_can_be_read() -> None:
    error = ArenaError(Refusal.PROMPT_TOO_LONG, length=17_999, limit=11_520)
    assert "17,999 characters" in refusal_sentence(ENGLISH, error)
    assert "11,520" in refusal_sentence(ENGLISH, error)


def test_every_value_that_a_page_shows_has_a_name() -> None:
    wanted = [
        *(f"vote.{verdict.value}" for verdict in Verdict),
        *(f"reason.{reason.value}" for reason in Reason),
        *(f"notice.{notice.value}" for notice in Notice),
        *(f"battle_state.{state.value}" for state in BattleState),
        *(f"state.{state.value}" for state in ModelState),
        *(f"category.{category}" for category in CATEGORIES),
        *(f"language.{language}" for language in LANGUAGES),
    ]
    assert [key for key in wanted if key not in ENGLISH] == []


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("ZH", "zh"),
        ("de-DE,zh;q=0.5", "zh"),
        ("en-GB,zh;q=0.9", "en"),
        ("fr", "en"),
        (",;q=,*", "en"),
    ],
)
def test_the_first_language_that_we_have_is_spoken(accepted: str | None, language: str) -> None:
    assert TEXTS.language_of(accepted) == language


def test_sentences_about_a_slot_get_a_key_per_letter_for_gradio() -> None:
    words = gradio_texts(TEXTS).translations["en"]
    assert words["vote.reasons_for_b"] == ENGLISH["vote.reasons_for"].format(letter="B")
