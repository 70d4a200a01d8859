"""Campaigns from the annotator's side without a database, for tests of the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.battle import BattleId, BattleState, BattleView, Shown, TurnView
from arena.domain.campaign import Protocol, ProtocolKind, Question, QuestionKind
from arena.domain.errors import BadInput, NotFound, Refusal
from arena.domain.evaluation import (
    Attention,
    CampaignBallot,
    CampaignWords,
    EvaluationProgress,
    ItemView,
    JudgedItem,
    NothingToJudge,
    SkipReason,
)
from arena.domain.localized import LocalizedText
from arena.services.battle.voting import ModelCard
from arena.services.campaigns.evaluation.standing import Standing

ANNOTATOR = Caller(AnnotatorId(7), "Ada", AccountRole.ANNOTATOR)


def item(number: int, *, slots: int = 2, turns: int = 1, category: str | None = None) -> ItemView:
    """An item whose texts tell number, turn and slot."""
    shown = tuple(
        TurnView(
            f"Prompt {number}, turn {turn + 1}",
            tuple(f"**Reply** {number}.{turn + 1} of slot {slot}" for slot in range(slots)),
        )
        for turn in range(turns)
    )
    battle = BattleView(BattleId(f"battle-{number}"), BattleState.COMPLETE, slots, shown)
    return ItemView(assignment_id=f"item-{number}", battle=battle, language="en", category=category)


def words(kind: ProtocolKind = ProtocolKind.PAIRWISE, **changes: object) -> CampaignWords:
    """A campaign of which nothing is asked but the verdict or the ranking."""
    protocol = Protocol(kind=kind, reasons=False, comment=False)
    facts: dict[str, object] = {"name": "Which model?", "protocol": protocol}
    return CampaignWords(**facts | changes)  # type: ignore[arg-type]


AGE = Question(
    name="age",
    text=LocalizedText({"en": "How old are you?"}),
    kind=QuestionKind.NUMBER,
    least=18,
    most=120,
)


@dataclass
class ScriptedEvaluations:
    """Gives out items in order, and keeps what is said of them."""

    words: CampaignWords
    items: list[ItemView]
    begun: bool = True
    nothing: NothingToJudge | None = None
    finish: str | None = None
    names: tuple[str, ...] = ("Which model?",)
    named: tuple[ModelCard, ...] = ()
    judged: list[tuple[str, CampaignBallot, Attention]] = field(default_factory=list)
    skipped: list[tuple[str, SkipReason, str]] = field(default_factory=list)
    answers: Mapping[str, str] = field(default_factory=dict)
    today: int | None = None
    looks_back: tuple[JudgedItem, ...] = ()

    def campaigns(self, caller: Caller) -> tuple[str, ...]:
        return self.names

    def revealed(self, caller: Caller) -> tuple[str, ...]:
        return (self.words.name,) if self.looks_back else ()

    def standing(self, caller: Caller, campaign: str) -> Standing:
        number = len({item_id for item_id, *_ in self.judged})
        today = number if self.today is None else self.today
        progress = EvaluationProgress(number, today, number + len(self._left))
        return Standing(
            words=self.words,
            progress=progress,
            begun=self.begun,
            nothing=self.nothing,
            finish=self.finish,
            judged=self.looks_back,
        )

    def begin(self, caller: Caller, campaign: str, answers: Mapping[str, str]) -> None:
        if "age" in answers and not answers["age"].isdigit():
            raise BadInput(Refusal.BALLOT_INCOMPLETE)
        self.answers, self.begun = answers, True

    def next(self, caller: Caller, campaign: str) -> ItemView | NothingToJudge:
        return self._left[0] if self._left else NothingToJudge.FINISHED

    def item(self, caller: Caller, assignment_id: str) -> ItemView:
        found = next((one for one in self.items if one.assignment_id == assignment_id), None)
        if found is None:
            raise NotFound(Refusal.BATTLE_NOT_FOUND)
        said = [ballot for item_id, ballot, _ in self.judged if item_id == assignment_id]
        return replace(found, ballot=said[-1], revisable=True) if said else found

    def campaign_of(self, caller: Caller, assignment_id: str) -> str:
        self.item(caller, assignment_id)
        return self.words.name

    def judge(
        self,
        caller: Caller,
        assignment_id: str,
        shown: Shown,
        ballot: CampaignBallot,
        attention: Attention,
    ) -> None:
        self.item(caller, assignment_id).battle.require(shown)
        self.judged.append((assignment_id, ballot, attention))

    def skip(self, caller: Caller, assignment_id: str, reason: SkipReason, words: str) -> None:
        self.skipped.append((assignment_id, reason, words))

    def cards(self, caller: Caller, assignment_id: str) -> tuple[ModelCard, ...]:
        return self.named

    @property
    def _left(self) -> list[ItemView]:
        over = {item_id for item_id, *_ in self.judged} | {item_id for item_id, *_ in self.skipped}
        return [one for one in self.items if one.assignment_id not in over]
