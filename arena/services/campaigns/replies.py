"""Which replies a campaign has, and which are missing, failed, cut or empty."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from arena.domain.assignment import CampaignState
from arena.domain.campaign_replies import Place, ReplyStatus, status_of
from arena.domain.conversation import Message, ModelKey, Role
from arena.services.battle.turn_results import conversation_hash
from arena.services.campaigns.refusals import CampaignRefused
from arena.storage.campaigns.replies import (
    AskedModel,
    AskedPrompt,
    CampaignHead,
    StoredReply,
    asked_models,
    asked_prompts,
    campaign_head,
    replies_in_force,
)
from arena.storage.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in one place. `prompt_id` is the author's own; `reply` is None if missing."""

    place: Place
    model: ModelKey
    prompt_id: str
    status: ReplyStatus
    reply: StoredReply | None = None


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What a campaign asks of its models."""

    head: CampaignHead
    prompts: tuple[AskedPrompt, ...]
    models: tuple[AskedModel, ...]


def opening_messages(prompt: AskedPrompt) -> list[Message]:
    """Return what stands before the first message of the user."""
    return [Message(Role.SYSTEM, prompt.system_prompt)] if prompt.system_prompt else []


def plan_of(connection: Connection, name: str) -> CampaignPlan:
    """Return what a campaign asks. Raises `CampaignRefused` when there is nothing of that name."""
    head = campaign_head(connection, name)
    if head is None:
        raise CampaignRefused(f"there is no campaign {name!r}")
    if head.state is None:
        raise CampaignRefused(f"{name!r} has no campaign file: it collects imported votes")
    return CampaignPlan(head, asked_prompts(connection, head.id), asked_models(connection, head.id))


def require_created(plan: CampaignPlan) -> None:
    """Raise `CampaignRefused` for a campaign that has been opened."""
    if plan.head.state is not CampaignState.CREATED:
        raise CampaignRefused(f"{plan.head.name!r} is {plan.head.state}: its replies are final")


def standings_of(
    model: AskedModel, prompts: Iterable[AskedPrompt], in_force: Mapping[Place, StoredReply]
) -> Iterator[Standing]:
    """Yield what stands in each place of a model.

    A reply to a conversation that has changed, because an earlier turn was answered again, is
    missing: the model has not answered what is in force now.
    """
    for prompt in prompts:
        messages = opening_messages(prompt)
        for turn, asked in enumerate(prompt.turns, start=1):
            messages.append(Message(Role.USER, asked))
            place = Place(model.position, prompt.number, turn)
            reply = in_force.get(place)
            if reply is not None and reply.conversation_hash != conversation_hash(messages):
                reply = None
            yield Standing(place, model.key, prompt.identifier, _status(reply), reply)
            messages.append(Message(Role.ASSISTANT, reply.text if reply else ""))


def all_standings(connection: Connection, plan: CampaignPlan) -> tuple[Standing, ...]:
    """Return what stands in every place of a campaign, model by model."""
    in_force = replies_in_force(connection, plan.head.id)
    return tuple(
        standing
        for model in plan.models
        for standing in standings_of(model, plan.prompts, in_force)
    )


def counted(standings: Iterable[Standing]) -> dict[ReplyStatus, int]:
    """Return the number of places of each status."""
    counts = Counter(standing.status for standing in standings)
    return {status: counts[status] for status in ReplyStatus}


class CampaignReplies:
    """The replies of campaigns, to be looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standings(self, name: str) -> tuple[CampaignPlan, Sequence[Standing]]:
        """Return a campaign and what stands in each of its places.

        Raises:
            CampaignRefused: There is no such campaign, or it only collects imported votes.
        """
        with self._database.reading() as connection:
            plan = plan_of(connection, name)
            return plan, all_standings(connection, plan)


def _status(reply: StoredReply | None) -> ReplyStatus:
    if reply is None:
        return ReplyStatus.MISSING
    return status_of(reply.text, reply.end, reply.error)
