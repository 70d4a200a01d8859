"""The language of a prompt: named where it can be told, and never guessed."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.language import UNDETERMINED
from arena.services.languages import LANGUAGES, LanguageIdentifier

PROMPTS = Path(__file__).parents[1] / "data" / "prompts_in_languages.jsonl"
IDENTIFIER = LanguageIdentifier()


def prompts(of: str) -> Iterator[Any]:
    for line in PROMPTS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["set"] == of:
            yield pytest.param(row["prompt"], row["language"], id=row["prompt"][:20] or "nothing")


def test_of_forty_prompts_in_twenty_languages_38_are_named_and_none_is_named_wrongly() -> None:
    found = [
        (IDENTIFIER.language_of(prompt), language)
        for prompt, language in (one.values for one in prompts("twenty"))
    ]
    assert len(found) == 40
    assert len({language for _, language in found}) == 20
    assert sum(named == language for named, language in found) >= 38
    assert {named for named, language in found if named != language} <= {UNDETERMINED}


@pytest.mark.parametrize(("prompt", "language"), [*prompts("more"), *prompts("none")])
def test_a_prompt_is_in_the_language_that_its_words_tell(prompt: str, language: str) -> None:
    assert IDENTIFIER.language_of(prompt) == language


@pytest.mark.parametrize(
    ("prompt", "language"),
    [
        ("Erkläre bitte diesen Code:\n```python\n" + "def f(x): return x\n" * 50 + "```", "de"),
        ("Pourquoi `undefined is not a function` ? Explique-moi cette erreur.", "fr"),
        ("¿De qué trata esta página? https://example.org/about/this/page/in/english", "es"),
        ("KANNST DU MIR BITTE ERKLÄREN, WIE EIN KÜHLSCHRANK FUNKTIONIERT?", "de"),
        ("```\nprint('hello world, how are you')\n```", UNDETERMINED),
        ("Was ist das? \ud83d Sag es mir bitte auf Deutsch.", "de"),
    ],
)
def test_code_and_addresses_do_not_count(prompt: str, language: str) -> None:
    assert IDENTIFIER.language_of(prompt) == language


def test_a_long_prompt_is_told_by_its_beginning() -> None:
    beginning = "Fasse den folgenden englischen Text bitte auf Deutsch zusammen. " * 40
    assert IDENTIFIER.language_of(beginning + "The quick brown fox. " * 100_000) == "de"


@given(st.text(max_size=40))
def test_any_text_has_a_language_of_the_list_or_none(text: str) -> None:
    assert IDENTIFIER.language_of(text) in {*LANGUAGES, UNDETERMINED}


def test_threads_that_come_first_at_once_get_the_same_answer() -> None:
    identifier = LanguageIdentifier()
    found: list[str] = []
    threads = [
        Thread(target=lambda: found.append(identifier.language_of("Warum ist der Himmel blau?")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["de"] * 4
