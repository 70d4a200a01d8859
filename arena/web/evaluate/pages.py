"""The documents of the evaluation page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from arena.domain.accounts import Caller
from arena.domain.campaign import ProtocolKind
from arena.domain.errors import ArenaError
from arena.domain.evaluation import CampaignBallot, ItemView, NothingToJudge, SkipReason
from arena.domain.localized import LocalizedText
from arena.domain.verdict import Reason
from arena.services.battle.voting import ModelCard
from arena.services.campaigns.evaluation.standing import Standing
from arena.web.common.accept_language import AcceptedLanguages
from arena.web.common.markup import NOTHING, Words, header, joined, model_card
from arena.web.common.static_files import static_address
from arena.web.common.templates import Templates
from arena.web.common.texts import refusal_sentence
from arena.web.evaluate.forms import (
    LEAST_SCORE,
    MOST_SCORE,
    chosen_verdict,
    verdict_choices,
)
from arena.web.evaluate.keys import GUIDELINES_KEY, keys_of_item, keys_of_saved
from arena.web.evaluate.parts import RendersAnswers
from arena.web.evaluate.slots import SlotPart, slot_parts
from arena.web.rendering.prompt import render_prompt

_rendered = Templates("arena.web.evaluate").rendered

MOST_COLUMNS = 3
"""More replies than this are read one below the other."""

KNOWN_CRITERIA = ("relevance", "knowledge", "reasoning", "calculation", "accuracy")
"""Those of WizardLM (2023), which need no label in the campaign file."""

BREAK_AFTER = 50
"""So many ballots in a day after which a break is suggested, and again each time."""

_STYLES = ("header.css", "answers.css", "evaluate.css")
_SCRIPTS = ("columns.js", "evaluate.js")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads a page, and in which language."""

    texts: Words
    language: str
    accept_language: str | None
    caller: Caller | None
    sign_out: str

    def text(self, text: LocalizedText | None) -> str:
        """Return a text of the campaign's author in the reader's language; empty without one."""
        if text is None:
            return ""
        accepted = AcceptedLanguages.parse(self.accept_language)
        languages = accepted.sorted(text.by_language, default=self.language)
        return text.text_for(languages)


class EvaluationPages:
    """Renders the pages; `render` turns replies, guidelines and consent into HTML."""

    def __init__(self, render: RendersAnswers) -> None:
        self._render = render

    def item(
        self,
        reader: Reader,
        standing: Standing,
        item: ItemView,
        ballot: CampaignBallot,
        error: ArenaError | None = None,
    ) -> str:
        """Return an item to be judged, with a ballot as far as it was filled in."""
        protocol = standing.words.protocol
        body = _rendered(
            "item",
            **self._conversation(reader, standing, item),
            slots=slot_parts(reader.texts, item, self._render),
            ballot=ballot,
            protocol=protocol,
            ranked=protocol.kind is ProtocolKind.ALL_AT_ONCE,
            verdicts={
                value: verdict_label(reader.texts, value) for value in verdict_choices(protocol)
            },
            chosen=chosen_verdict(ballot),
            reasons=[reason.value for reason in Reason] if protocol.reasons else [],
            criteria={
                name: reader.text(label) or _criterion(reader.texts, name)
                for name, label in protocol.criteria.items()
            },
            scores=range(LEAST_SCORE, MOST_SCORE + 1),
            skips=[reason.value for reason in SkipReason],
            keys=keys_of_item(
                reader.texts,
                ranked=protocol.kind is ProtocolKind.ALL_AT_ONCE,
                slots=item.battle.slots,
                verdicts=len(verdict_choices(protocol)),
                guidelines=standing.words.guidelines is not None,
            ),
            shown=f"{item.battle.battle_id} {item.battle.shown.digest}",
            error=refusal_sentence(reader.texts, error) if error else "",
        )
        return self._document(reader, body)

    def saved(
        self, reader: Reader, standing: Standing, item: ItemView, cards: Sequence[ModelCard]
    ) -> str:
        """Return a judged item: its ballot is saved; models are named if there are cards."""
        today, over = standing.progress.today, bool(standing.judged)
        body = _rendered(
            "saved",
            **self._conversation(reader, standing, item),
            slots=slot_parts(reader.texts, item, self._render),
            cards=[model_card(reader.texts, card) for card in cards],
            said=_said(reader.texts, item.ballot or CampaignBallot()),
            keys=keys_of_saved(
                reader.texts,
                revisable=item.revisable,
                guidelines=standing.words.guidelines is not None,
                over=over,
            ),
            pause=not over and today > 0 and today % BREAK_AFTER == 0,
            over=over,
        )
        return self._document(reader, body)

    def questions(
        self,
        reader: Reader,
        standing: Standing,
        answers: Mapping[str, str],
        error: ArenaError | None = None,
    ) -> str:
        """Return what is read, agreed to and answered before the first item."""
        words = standing.words
        body = _rendered(
            "questions",
            texts=reader.texts,
            campaign=words.name,
            share=standing.progress.expected,
            consent=self._markdown(reader.text(words.consent)),
            guidelines=self._markdown(reader.text(words.guidelines)),
            questions=[
                {
                    "name": question.name,
                    "text": reader.text(question.text),
                    "kind": question.kind.value,
                    "choices": {
                        name: reader.text(label) or name for name, label in question.choices.items()
                    },
                    "least": question.least,
                    "most": question.most,
                    "required": question.required,
                    "answer": answers.get(question.name, ""),
                }
                for question in words.questions
            ],
            error=refusal_sentence(reader.texts, error) if error else "",
        )
        return self._document(reader, body)

    def nothing(self, reader: Reader, standing: Standing | None, why: NothingToJudge) -> str:
        """Return why there is nothing to judge, and what to do."""
        finish = standing.finish if standing else None
        body = _rendered(
            "nothing",
            texts=reader.texts,
            campaign=standing.words.name if standing else "",
            why=why.value,
            finish=finish or "",
            returns=bool(finish and finish.startswith(("https://", "http://"))),
            progress=standing.progress if standing else None,
            judged=standing.judged if standing else (),
        )
        return self._document(reader, body)

    def choice(self, reader: Reader, campaigns: Sequence[str]) -> str:
        """Return the campaigns to choose from."""
        if not campaigns:
            return self.nothing(reader, None, NothingToJudge.NO_CAMPAIGN)
        return self._document(reader, _rendered("choice", texts=reader.texts, campaigns=campaigns))

    def refused(self, reader: Reader, error: ArenaError) -> str:
        """Return why a request was refused, with a way on."""
        sentence = refusal_sentence(reader.texts, error)
        return self._document(reader, _rendered("refused", texts=reader.texts, sentence=sentence))

    def _conversation(
        self, reader: Reader, standing: Standing, item: ItemView
    ) -> dict[str, object]:
        words, turns = standing.words, item.battle.turns
        return {
            "texts": reader.texts,
            "item": item,
            "campaign": words.name,
            "progress": standing.progress,
            "category": _category(reader, words.categories, item.category),
            "guidelines": self._markdown(reader.text(words.guidelines)),
            "guidelines_key": GUIDELINES_KEY,
            "prompts": [render_prompt(turn.prompt) for turn in turns],
            "sources": [turn.prompt for turn in turns],
            "in_columns": item.battle.slots <= MOST_COLUMNS,
        }

    def _markdown(self, text: str) -> Markup:
        return joined(self._render(text)) if text else NOTHING

    def _document(self, reader: Reader, body: Markup) -> str:
        return _rendered(
            "page",
            texts=reader.texts,
            language=reader.language,
            styles=[static_address(name) for name in _STYLES],
            scripts=[static_address(name) for name in _SCRIPTS],
            header=header(
                reader.texts,
                here="evaluate",
                caller=reader.caller,
                sign_out=reader.sign_out,
                judges=reader.caller is not None,
            ),
            body=body,
        )


def verdict_label(texts: Words, value: str) -> str:
    """Return what a verdict is called, in the words of the battle page where it has them."""
    name, _, strength = value.partition(":")
    return texts[f"evaluate.button.{name}_{strength}" if strength else f"vote.{name}"]


def _criterion(texts: Words, name: str) -> str:
    return texts[f"evaluate.criterion.{name}"] if name in KNOWN_CRITERIA else name


def _category(
    reader: Reader, labels: Mapping[str, LocalizedText | None], category: str | None
) -> str:
    if category is None:
        return ""
    own = reader.text(labels.get(category))
    return own or reader.texts.get(f"category.{category}", category)


def _said(texts: Words, ballot: CampaignBallot) -> str:
    """Return a ballot as a sentence."""
    if ballot.verdict is not None:
        return verdict_label(texts, chosen_verdict(ballot))
    order = sorted(range(len(ballot.ranks)), key=lambda slot: ballot.ranks[slot])
    parts = []
    for place, slot in enumerate(order):
        tied = place and ballot.ranks[slot] == ballot.ranks[order[place - 1]]
        parts += [" = " if tied else " › "] if place else []
        parts.append(SlotPart.letter_of(slot))
    return "".join(parts)
