"""Opens, pauses and closes campaigns; what is judged is decided at the first opening."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import CampaignState
from arena.domain.campaign import Campaign, ProtocolKind
from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey
from arena.domain.mode import PAIR
from arena.services.campaigns.finding import StoredCampaign, required
from arena.services.campaigns.refusals import CampaignRefusal, CampaignRefused
from arena.services.campaigns.replies.plans import CampaignPlan, all_places, plan_of
from arena.storage.campaigns.campaigns import CampaignEvent, insert_event, move_campaign
from arena.storage.campaigns.items import CHECK, NewItem, Positions, insert_items
from arena.storage.campaigns.prompts import check_numbers
from arena.storage.database import Connection, Database

_NAMED = 10
"""So many missing replies stand in a sentence."""


@dataclass(frozen=True, slots=True, order=True)
class MissingReplies:
    """A model without replies with text to every turn of a prompt, named by its own id."""

    prompt_id: str
    model: ModelKey


class RepliesMissing(CampaignRefused):
    """A campaign opens only when every reply is there, or the missing ones are accepted."""

    def __init__(self, name: str, missing: Sequence[MissingReplies]) -> None:
        self.missing = tuple(missing)
        named = ", ".join(f"{one.model} to {one.prompt_id!r}" for one in missing[:_NAMED])
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        super().__init__(
            f"{name!r} lacks replies: {named}{more}; "
            "generate or import them, or open with --accept-missing"
        )


class Openings:
    """The states of campaigns. Blocking."""

    def __init__(self, database: Database, clock: Clock, random: Random) -> None:
        self._database = database
        self._clock = clock
        self._random = random

    def missing(self, name: str) -> tuple[MissingReplies, ...]:
        """Return which models lack a reply to which prompts.

        Raises:
            CampaignRefused: There is no such campaign.
        """
        with self._database.reading() as connection:
            return tuple(_missing(connection, required(connection, name)))

    def open(
        self,
        name: str,
        *,
        accept_missing: Collection[MissingReplies] = (),
        who: AnnotatorId | None = None,
    ) -> int:
        """Let votes in, for the first time or after a pause, and return the number of items.

        Items are made at the first opening; what was accepted as missing is in none of them.

        Raises:
            RepliesMissing: Replies are missing that were not accepted.
            CampaignRefused: There is no such campaign, it is open or closed, or no item is left.
        """
        with self._database.writing() as connection:
            stored = required(connection, name)
            made = 0
            accepted: tuple[MissingReplies, ...] = ()
            if stored.state is CampaignState.CREATED:
                accepted = tuple(_missing(connection, stored))
                unexpected = sorted(set(accepted) - set(accept_missing))
                if unexpected:
                    raise RepliesMissing(name, unexpected)
                made = self._make_items(connection, stored)
            self._move(
                connection,
                stored,
                {CampaignState.CREATED, CampaignState.PAUSED},
                CampaignState.OPEN,
                _Change("opened", who, _detail(accepted)),
            )
            return made

    def pause(self, name: str, *, who: AnnotatorId | None = None) -> None:
        """Let no votes in until the campaign is opened again.

        Raises:
            CampaignRefused: The campaign is not open.
        """
        with self._database.writing() as connection:
            self._move(
                connection,
                required(connection, name),
                {CampaignState.OPEN},
                CampaignState.PAUSED,
                _Change("paused", who),
            )

    def close(self, name: str, *, who: AnnotatorId | None = None) -> None:
        """End the campaign for good.

        Raises:
            CampaignRefused: The campaign was never opened, or is closed.
        """
        with self._database.writing() as connection:
            self._move(
                connection,
                required(connection, name),
                {CampaignState.OPEN, CampaignState.PAUSED},
                CampaignState.CLOSED,
                _Change("closed", who),
            )

    def _move(
        self,
        connection: Connection,
        stored: StoredCampaign,
        sources: Collection[CampaignState],
        target: CampaignState,
        change: "_Change",
    ) -> None:
        if not move_campaign(connection, stored.id, sources=sources, target=target):
            raise CampaignRefused(
                f"{stored.name!r} is {stored.state}: it cannot be {change.kind}",
                CampaignRefusal(f"cannot_be_{change.kind}"),
                name=stored.name,
                state=stored.state.value,
            )
        event = CampaignEvent(self._clock.now(), change.kind, change.who, change.detail)
        insert_event(connection, stored.id, event)

    def _make_items(self, connection: Connection, stored: StoredCampaign) -> int:
        answering = _answering(connection, plan_of(connection, stored.name))
        judged = planned_items(stored.terms, answering, self._random)
        if not judged:
            raise CampaignRefused(
                f"{stored.name!r} has no prompt with replies of two models",
                CampaignRefusal.NOTHING_TO_JUDGE,
                name=stored.name,
            )
        checks = [NewItem(number, CHECK) for number in check_numbers(connection, stored.id)]
        self._random.shuffle(judged)
        insert_items(connection, stored.id, [*judged, *checks])
        return len(judged)


@dataclass(frozen=True, slots=True)
class _Change:
    kind: str
    who: AnnotatorId | None
    detail: str = ""


def planned_items(
    terms: Campaign, answering: Mapping[int, Positions], random: Random
) -> list[NewItem]:
    """Return what is judged of each prompt; `answering` are the models with replies, by prompt.

    All at once that is one item a prompt. By pairs it is each pair of its models, or a sample of
    pairs in which every pair comes as often as every other, within one where all models answered.
    """
    able = {prompt: models for prompt, models in answering.items() if len(models) >= PAIR}
    if terms.protocol.kind is ProtocolKind.ALL_AT_ONCE:
        return [NewItem(prompt, models) for prompt, models in able.items()]
    return list(_pairs(able, terms.protocol.pairs_per_prompt, random))


def _pairs(
    able: Mapping[int, Positions], pairs_per_prompt: int | None, random: Random
) -> Iterator[NewItem]:
    used = Counter[Positions]()
    prompts = list(able)
    random.shuffle(prompts)
    for prompt in prompts:
        pairs = list(combinations(able[prompt], PAIR))
        random.shuffle(pairs)
        pairs.sort(key=used.__getitem__)
        for pair in pairs[:pairs_per_prompt]:
            used[pair] += 1
            yield NewItem(prompt, pair)


def _missing(connection: Connection, stored: StoredCampaign) -> Iterator[MissingReplies]:
    plan = plan_of(connection, stored.name)
    answering = _answering(connection, plan)
    for prompt in plan.prompts:
        for model in plan.models:
            if model.position not in answering[prompt.number]:
                yield MissingReplies(prompt.id, model.key)


def _answering(connection: Connection, plan: CampaignPlan) -> dict[int, Positions]:
    """Return the models with a text in every turn, by number of the prompt."""
    lacking = {
        (state.place.prompt, state.place.position)
        for state in all_places(connection, plan)
        if not state.status.has_text
    }
    return {
        prompt.number: tuple(
            model.position
            for model in plan.models
            if (prompt.number, model.position) not in lacking
        )
        for prompt in plan.prompts
    }


def _detail(accepted: Sequence[MissingReplies]) -> str:
    if not accepted:
        return ""
    return json.dumps(
        {"missing": [[one.prompt_id, one.model] for one in accepted]}, ensure_ascii=False
    )
