"""Stored campaigns with replies, and annotators who judge them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import Connection, insert, select

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.campaign import (
    Campaign,
    CampaignModel,
    CampaignPrompt,
    CampaignReveal,
    CheckItem,
    Protocol,
    ProtocolKind,
    StopRules,
    TimeLimits,
)
from arena.domain.conversation import Message, ModelKey, Role
from arena.domain.evaluation import Attention, CampaignBallot, ItemView, NothingToJudge
from arena.domain.reply import ReplyEnd
from arena.domain.verdict import Verdict
from arena.services.battle.turn_results import conversation_hash
from arena.services.campaigns.creating import Campaigns
from arena.services.campaigns.evaluation.assigning import Assigning
from arena.services.campaigns.evaluation.judging import Judging
from arena.services.campaigns.evaluation.membership import Membership
from arena.services.campaigns.opening import Openings
from arena.storage.accounts import insert_annotator
from arena.storage.campaigns.campaigns import campaign_named
from arena.storage.campaigns.prompts import models_of_campaign, prompts_of
from arena.storage.database import Database
from arena.storage.models import ModelSnapshot, ensure_snapshot
from arena.storage.replies import NewReply, insert_reply
from arena.storage.schema import annotators, campaign_replies

NAME = "spring"
MORNING = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
CATEGORIES = ("writing", "coding", "math")


class HandClock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.time = MORNING

    def now(self) -> datetime:
        """Return the time."""
        return self.time

    def pass_by(self, **length: float) -> None:
        """Let time pass."""
        self.time += timedelta(**length)

    def monotonic(self) -> float:
        """Return seconds since the morning."""
        return (self.time - MORNING).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Let time pass without waiting."""
        self.pass_by(seconds=seconds)


def prompts(number: int, *, turns: int = 1) -> tuple[CampaignPrompt, ...]:
    """So many prompts, their categories in turn."""
    return tuple(
        CampaignPrompt(
            id=f"p{one}",
            turns=tuple(f"Question {one}, turn {turn}?" for turn in range(1, turns + 1)),
            language="en",
            category=CATEGORIES[one % len(CATEGORIES)],
            notes=f"Notes on {one}",
        )
        for one in range(1, number + 1)
    )


def checks(number: int) -> tuple[CheckItem, ...]:
    """So many check items."""
    return tuple(
        CheckItem(
            CampaignPrompt(id=f"c{one}", turns=(f"Check {one}?",), language="en"),
            "right",
            "wrong",
        )
        for one in range(1, number + 1)
    )


def planned(
    *,
    models: int = 2,
    judged: int = 6,
    turns: int = 1,
    kind: ProtocolKind = ProtocolKind.PAIRWISE,
    overlap: int = 2,
    repeats: float = 0.0,
    check_items: int = 0,
    **changes: Any,
) -> Campaign:
    """A campaign file's content; models are called `m0`, `m1`, …"""
    protocol = {
        name: changes.pop(name)
        for name in ("pairs_per_prompt", "strength", "criteria", "reasons", "comment")
        if name in changes
    }
    plain = Campaign(
        name=NAME,
        prompts=prompts(judged, turns=turns),
        categories=dict.fromkeys(CATEGORIES),
        models=tuple(CampaignModel(ModelKey(f"m{one}"), f"Model {one}") for one in range(models)),
        protocol=Protocol(kind=kind, **protocol),
        overlap=overlap,
        repeats=repeats,
        check_items=checks(check_items),
        questions=(),
        guidelines=None,
        consent=None,
        reveal=CampaignReveal.NEVER,
        stop=StopRules(),
        time_limits=TimeLimits(),
        annotators=(),
        crowd=None,
    )
    return replace(plain, **changes)


def put_replies(
    connection: Connection,
    name: str = NAME,
    *,
    without: Sequence[tuple[str, str]] = (),
    text: Callable[[str, str, int], str] = "{} says {} in turn {}".format,
) -> None:
    """Give every model a reply to every turn, but for some prompts and models."""
    stored = campaign_named(connection, name)
    assert stored is not None
    asked = [one for one in prompts_of(connection, stored.id) if one.purpose == "judged"]
    for position, model in enumerate(models_of_campaign(connection, stored.id)):
        snapshot = ModelSnapshot(model.key, f"{model.key}-1", model.name)
        model_id = ensure_snapshot(connection, snapshot, MORNING)
        for one in asked:
            if (one.prompt.id, model.key) in without:
                continue
            messages: list[Message] = []
            for turn, said in enumerate(one.prompt.turns, start=1):
                messages.append(Message(Role.USER, said))
                answer = text(model.key, one.prompt.id, turn)
                reply = NewReply(model_id, conversation_hash(messages), answer, ReplyEnd.STOP)
                reply_id = insert_reply(connection, reply, MORNING)
                place = {"prompt": one.number, "position": position, "turn": turn}
                connection.execute(
                    insert(campaign_replies).values(
                        campaign_id=stored.id, reply_id=reply_id, **place
                    )
                )
                messages.append(Message(Role.ASSISTANT, answer))


Judge = Callable[[ItemView, tuple[str, ...]], CampaignBallot]
"""What somebody says of an item whose models, by slot, are these."""


def prefers(strengths: Mapping[str, float], random: Random, *, ranked: bool = False) -> Judge:
    """Somebody who prefers models in proportion to their strengths, and may rank them."""

    def judge(item: ItemView, models: tuple[str, ...]) -> CampaignBallot:
        weights = [strengths.get(model, 1.0) for model in models]
        if not ranked:
            first = random.random() * sum(weights) < weights[0]
            return CampaignBallot(verdict=Verdict.A_BETTER if first else Verdict.B_BETTER)
        left = list(range(len(models)))
        ranks = [0] * len(models)
        for rank in range(1, len(models) + 1):
            (best,) = random.choices(left, [weights[slot] for slot in left])
            ranks[best] = rank
            left.remove(best)
        return CampaignBallot(ranks=tuple(ranks))

    return judge


@dataclass
class CampaignDesk:
    """The services of campaigns on one database, with people who use them."""

    database: Database
    clock: HandClock = field(default_factory=HandClock)
    random: Random = field(default_factory=lambda: Random(7))

    def __post_init__(self) -> None:
        numbers = count(1)
        identity = f"{id(self):x}"
        self.campaigns = Campaigns(self.database, self.clock)
        self.openings = Openings(self.database, self.clock, self.random)
        self.membership = Membership(self.database, self.clock)
        self.judging = Judging(self.database, self.clock)
        self.assigning = Assigning(
            self.database,
            self.clock,
            random=self.random,
            new_id=lambda: f"{identity}-{next(numbers)}",
        )

    def open(self, campaign: Campaign) -> None:
        """Store a campaign, give it all replies, and open it."""
        self.campaigns.create(campaign)
        with self.database.writing() as connection:
            put_replies(connection)
        self.openings.open(NAME)

    def person(self, name: str) -> Caller:
        """Return an account of that name who takes part in the campaign."""
        with self.database.writing() as connection:
            query = select(annotators.c.id).where(annotators.c.name == name)
            number = connection.execute(query).scalar_one_or_none() or insert_annotator(
                connection, name=name, role=AccountRole.ANNOTATOR, created_at=MORNING
            )
        caller = Caller(AnnotatorId(number), name, AccountRole.ANNOTATOR)
        self.membership.join(caller, NAME)
        return caller

    def people(self, number: int) -> list[Caller]:
        """Return so many members."""
        return [self.person(f"annotator-{one}") for one in range(number)]

    def next(self, caller: Caller) -> ItemView | None:
        """Return the caller's item; None when there is nothing."""
        found = self.assigning.next(caller, NAME)
        return None if isinstance(found, NothingToJudge) else found

    def judge(self, caller: Caller, item: ItemView, ballot: CampaignBallot) -> None:
        """Judge an item."""
        self.judging.judge(caller, item.assignment_id, item.battle.shown, ballot, Attention(1.0))

    def judge_next(self, caller: Caller, judge: Judge) -> bool:
        """Judge the caller's next item; False when there is nothing."""
        item = self.next(caller)
        if item is None:
            return False
        self.judge(caller, item, judge(item, models_shown(item)))
        self.clock.pass_by(seconds=30)
        return True


def models_shown(item: ItemView) -> tuple[str, ...]:
    """Return the models of an item by slot, as the texts of `put_replies` tell them."""
    return tuple(reply.split(" ", 1)[0] for reply in item.battle.turns[-1].replies)
