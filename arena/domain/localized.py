"""A text in one or more languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """Texts by ISO 639-1 code, at least one. A single text is for readers of every language."""

    by_language: Mapping[str, str]

    def language_for(self, languages: Sequence[str]) -> str:
        """Return the language of `text_for`."""
        ours = self.by_language
        wanted = (*languages, DEFAULT_LANGUAGE, *ours)
        return next(language for language in wanted if language in ours)

    def text_for(self, languages: Sequence[str]) -> str:
        """Return the text for a reader of `languages`, the most wanted first.

        In none of them it is the English text, or else the first.
        """
        return self.by_language[self.language_for(languages)]
