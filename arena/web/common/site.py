"""The operator's words as pages show them: `arena.yaml` in the reader's language."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from arena.catalog import ArenaConfig, Example
from arena.domain.localized import DEFAULT_LANGUAGE, LocalizedText
from arena.domain.reveal import RevealPolicy
from arena.web.common.accept_language import AcceptedLanguages
from arena.web.common.texts import Texts

Render = Callable[[str], Iterable[Markup]]
"""Markdown to the blocks of a page."""

_NOTHING = Markup("")
_E_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_BLIND = ("battle.welcome_text", "battle.how_3")
"""Sentences that promise names, each with a `_blind` one for arenas that never do."""


@dataclass(frozen=True, slots=True)
class SiteWords:
    """The operator's words in one reader's language; empty where the operator says nothing."""

    title: str
    welcome: Markup
    guidelines: Markup
    contact: Markup


NO_WORDS: Final = SiteWords("", Markup(""), Markup(""), Markup(""))
"""Those of an operator who says nothing."""


class Site:
    """What the operator says and decides for the pages; Markdown is rendered once.

    `texts` are the sentences of the pages with the operator's in them, `reveal` says whether models
    are named, `categories` and `examples` are what annotators are offered.
    """

    def __init__(
        self, config: ArenaConfig, texts: Texts, render: Render, *, examples: Sequence[Example]
    ) -> None:
        """Put the words together; `examples` are offered where the operator has none."""
        self.reveal = config.reveal or RevealPolicy.AFTER_VOTE
        self.texts = site_texts(texts, config, self.reveal)
        self.categories = tuple(config.categories)
        self.examples = config.examples or tuple(examples)
        self._welcome = _rendered(config.text("welcome"), lambda text: _joined(render(text)))
        self._guidelines = _rendered(config.text("guidelines"), lambda text: _joined(render(text)))
        self._contact = _rendered(config.text("contact"), contact_link)

    def of(self, accept_language: str | None) -> SiteWords:
        """Return the words for a browser."""
        accepted = AcceptedLanguages.parse(accept_language)
        return SiteWords(
            title=self.texts.of(accept_language)["app.title"],
            welcome=_best(self._welcome, accepted),
            guidelines=_best(self._guidelines, accepted),
            contact=_best(self._contact, accepted),
        )


def site_texts(texts: Texts, config: ArenaConfig, reveal: RevealPolicy) -> Texts:
    """Return the sentences of the pages with the operator's title and categories in them.

    Where names are never revealed, no sentence promises them.
    """
    blind = reveal is RevealPolicy.NEVER
    return texts.replaced(
        {
            language: {
                **_labels(config, language, words),
                **({key: words[f"{key}_blind"] for key in _BLIND} if blind else {}),
            }
            for language, words in texts.by_language.items()
        }
    )


def contact_link(contact: str) -> Markup:
    """Return a contact as a link to write to or to open, or as text."""
    if _E_MAIL.fullmatch(contact):
        return Markup('<a href="mailto:{0}">{0}</a>').format(contact)
    if contact.startswith(("https://", "http://")):
        return Markup('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>').format(
            contact
        )
    return Markup("{}").format(contact)


def _labels(config: ArenaConfig, language: str, words: Mapping[str, str]) -> dict[str, str]:
    """Return the title and the label of each category; without any label it is its name."""
    own = {name: words.get(f"category.{name}", name) for name in config.categories}
    labels = {
        f"category.{name}": LocalizedText(texts or {language: own[name]}).text_for((language,))
        for name, texts in config.categories.items()
    }
    title = config.text("title")
    return labels | ({"app.title": title.text_for((language,))} if title else {})


def _rendered(text: LocalizedText | None, render: Callable[[str], Markup]) -> Mapping[str, Markup]:
    if text is None:
        return {}
    return {language: render(words) for language, words in text.by_language.items()}


def _joined(blocks: Iterable[Markup]) -> Markup:
    return _NOTHING.join(blocks)


def _best(by_language: Mapping[str, Markup], accepted: AcceptedLanguages) -> Markup:
    languages = accepted.sorted(by_language, default=DEFAULT_LANGUAGE)
    return by_language[languages[0]] if languages else _NOTHING
