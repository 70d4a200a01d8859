"""Which replies a campaign has, and which are missing, failed, cut or empty."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from arena.domain.assignment import BattlePurpose, CampaignState
from arena.domain.campaign_replies import Place, ReplyStatus, status_of
from arena.domain.conversation import Message, ModelKey, Role
from arena.services.battle.turn_results import conversation_hash
from arena.services.campaigns.finding import required
from arena.services.campaigns.refusals import CampaignRefusal, CampaignRefused
from arena.storage.campaigns.prompts import models_of_campaign, prompts_of
from arena.storage.campaigns.replies import StoredReply, replies_in_force
from arena.storage.database import Connection, Database


@dataclass(frozen=True, slots=True)
class AskedPrompt:
    """What a campaign asks: the user's messages, and a system prompt of their own."""

    number: int
    id: str
    turns: tuple[str, ...]
    system_prompt: str | None


@dataclass(frozen=True, slots=True)
class AskedModel:
    """A model of a campaign. `imported`: its replies were made elsewhere."""

    position: int
    key: ModelKey
    name: str
    imported: bool


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What a campaign asks of its models; check items have their replies."""

    id: int
    name: str
    state: CampaignState
    prompts: tuple[AskedPrompt, ...]
    models: tuple[AskedModel, ...]


@dataclass(frozen=True, slots=True)
class PlaceState:
    """What stands in one place. `prompt_id` is the author's own; `reply` is None if missing."""

    place: Place
    model: ModelKey
    prompt_id: str
    status: ReplyStatus
    reply: StoredReply | None = None


def opening_messages(prompt: AskedPrompt) -> list[Message]:
    """Return what stands before the first message of the user."""
    return [Message(Role.SYSTEM, prompt.system_prompt)] if prompt.system_prompt else []


def plan_of(connection: Connection, name: str) -> CampaignPlan:
    """Return what a campaign asks.

    Raises:
        CampaignRefused: There is no such campaign, or it only collects imported votes.
    """
    stored = required(connection, name)
    models = enumerate(models_of_campaign(connection, stored.id))
    return CampaignPlan(
        id=stored.id,
        name=stored.name,
        state=stored.state,
        prompts=tuple(
            AskedPrompt(one.number, one.prompt.id, one.prompt.turns, one.prompt.system_prompt)
            for one in prompts_of(connection, stored.id)
            if one.purpose is BattlePurpose.JUDGED
        ),
        models=tuple(AskedModel(at, one.key, one.name, one.imported) for at, one in models),
    )


def require_created(plan: CampaignPlan) -> None:
    """Raise `CampaignRefused` for a campaign that has been opened."""
    if plan.state is not CampaignState.CREATED:
        raise CampaignRefused(
            f"{plan.name!r} is {plan.state}: its replies are final",
            CampaignRefusal.REPLIES_FINAL,
            name=plan.name,
            state=plan.state.value,
        )


def places_of(
    model: AskedModel, prompts: Iterable[AskedPrompt], in_force: Mapping[Place, StoredReply]
) -> Iterator[PlaceState]:
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
            yield PlaceState(place, model.key, prompt.id, _status(reply), reply)
            messages.append(Message(Role.ASSISTANT, reply.text if reply else ""))


def all_places(connection: Connection, plan: CampaignPlan) -> tuple[PlaceState, ...]:
    """Return what stands in every place of a campaign, model by model."""
    in_force = replies_in_force(connection, plan.id)
    return tuple(
        state for model in plan.models for state in places_of(model, plan.prompts, in_force)
    )


def counted(places: Iterable[PlaceState]) -> dict[ReplyStatus, int]:
    """Return the number of places of each status."""
    counts = Counter(state.status for state in places)
    return {status: counts[status] for status in ReplyStatus}


class CampaignReplies:
    """The replies of campaigns, to be looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def places(self, name: str) -> tuple[CampaignPlan, Sequence[PlaceState]]:
        """Return a campaign and what stands in each of its places.

        Raises:
            CampaignRefused: There is no such campaign, or it only collects imported votes.
        """
        with self._database.reading() as connection:
            plan = plan_of(connection, name)
            return plan, all_places(connection, plan)


def _status(reply: StoredReply | None) -> ReplyStatus:
    if reply is None:
        return ReplyStatus.MISSING
    return status_of(reply.text, reply.end, reply.error)
