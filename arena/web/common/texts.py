"""Sentences by language; English where a browser speaks none of ours.

A language is its files in `locales/`: `LANGUAGE.json`, and one for each page of our own templates,
`account-LANGUAGE.json`, `leaderboard-LANGUAGE.json`, `robustness-LANGUAGE.json`,
`snapshots-LANGUAGE.json`, `evaluate-LANGUAGE.json`, `admin-people-LANGUAGE.json`,
`admin-campaigns-LANGUAGE.json` and `admin-refusals-LANGUAGE.json`.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import gradio as gr

from arena.domain.errors import ArenaError
from arena.domain.localized import DEFAULT_LANGUAGE
from arena.web.common.accept_language import AcceptedLanguages

_LETTERS = "ABCDEFGH"
_SERVER_SIDE = ("evaluate.", "leaderboard.", "adminforms.", "campaigns.", "people.")
_LOCALES = Path(__file__).parents[1] / "locales"


ROOT: Final = "app.root"
"""The key of no sentence: of the address of the arena's first page, without a host."""


class Texts:
    """Every sentence of the web pages, keyed by language and then by name."""

    def __init__(self, by_language: Mapping[str, Mapping[str, str]]) -> None:
        self.by_language = by_language

    def language_of(self, accept_language: str | None) -> str:
        """Return that of our languages which the browser asks for most."""
        accepted = AcceptedLanguages.parse(accept_language)
        return accepted.sorted(self.by_language, default=DEFAULT_LANGUAGE)[0]

    def of(self, accept_language: str | None) -> Mapping[str, str]:
        """All sentences in the browser's language."""
        return self.by_language[self.language_of(accept_language)]

    def replaced(self, replacements: Mapping[str, Mapping[str, str]]) -> "Texts":
        """Return the same texts with other sentences for some keys, by language."""
        return Texts(
            {
                language: {**words, **replacements.get(language, {})}
                for language, words in self.by_language.items()
            }
        )


def load_texts(root_path: str = "") -> Texts:
    """Read the locale files that ship with the package, for an arena below `root_path`."""
    by_language: dict[str, dict[str, str]] = defaultdict(lambda: {ROOT: f"{root_path}/"})
    for file in sorted(_LOCALES.glob("*.json")):
        language = file.stem.rpartition("-")[2]
        by_language[language] |= json.loads(file.read_text(encoding="utf-8"))
    return Texts(by_language)


def link_to(texts: Mapping[str, str], path: str) -> str:
    """Return what a page writes for a path of the arena, which begins with a slash."""
    return texts[ROOT] + path.removeprefix("/")


def refusal_sentence(texts: Mapping[str, str], error: ArenaError) -> str:
    """Return what a person reads for a refusal, with its figures filled in."""
    figures = {
        name: f"{value:,}" if isinstance(value, int) else value
        for name, value in error.details.items()
    }
    return texts[f"error.{error.refusal.value}"].format(**figures)


def gradio_texts(texts: Texts) -> gr.I18n:
    """Return the same sentences for components whose text the browser chooses.

    Gradio fills in no figures, so sentences about a slot get a key per letter. Every page gets
    all of them, apart from those that are put in on the server.
    """
    return gr.I18n(
        **{
            language: {
                **{key: text for key, text in words.items() if not key.startswith(_SERVER_SIDE)},
                **{
                    f"vote.reasons_for_{letter.lower()}": words["vote.reasons_for"].format(
                        letter=letter
                    )
                    for letter in _LETTERS
                },
            }
            for language, words in texts.by_language.items()
        }
    )
