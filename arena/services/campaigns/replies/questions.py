"""What a model of a campaign is still to be asked, after what it has said before was reused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from arena.domain.campaign_replies import Place, ReplyStatus
from arena.domain.conversation import Message, Role, Sampling
from arena.services.battle.turn_results import conversation_hash
from arena.services.campaigns.replies.ledger import ReplyLedger, Settled
from arena.services.campaigns.replies.plans import (
    AskedModel,
    AskedPrompt,
    CampaignPlan,
    PlaceState,
    opening_messages,
    places_of,
)
from arena.storage.campaigns.replies import replies_in_force
from arena.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The `prompts` with a turn that is still to be asked, and what stands in their places.

    `places` is the number of places of the model, `settled_places` that of the other prompts.
    """

    position: int
    prompts: Sequence[AskedPrompt]
    states: Mapping[Place, PlaceState]
    sampling: Sampling
    again: Collection[ReplyStatus]
    places: int
    settled_places: int

    def settled(self, place: Place, told: str) -> Settled | None:
        """Return the reply in a place if it answers this conversation and stays."""
        return _settled(self.states[place], told, self.again)


def questions_to(
    connection: Connection,
    plan: CampaignPlan,
    model: AskedModel,
    ledger: ReplyLedger,
    sampling: Sampling,
    again: Collection[ReplyStatus],
) -> tuple[Questions, int]:
    """Return what a model is to be asked, and how many replies were reused instead."""
    walk = _Walk(connection, plan, model, ledger, again)
    open_prompts = [prompt for prompt in plan.prompts if walk.is_open(prompt)]
    places = sum(len(prompt.turns) for prompt in plan.prompts)
    questions = Questions(
        position=model.position,
        prompts=open_prompts,
        states=_states(connection, plan, model),
        sampling=sampling,
        again=again,
        places=places,
        settled_places=places - sum(len(prompt.turns) for prompt in open_prompts),
    )
    return questions, walk.reused


class _Walk:
    """Goes through the conversations of a model as far as they are known."""

    def __init__(
        self,
        connection: Connection,
        plan: CampaignPlan,
        model: AskedModel,
        ledger: ReplyLedger,
        again: Collection[ReplyStatus],
    ) -> None:
        self._connection = connection
        self._position = model.position
        self._ledger = ledger
        self._again = again
        self._states = _states(connection, plan, model)
        self.reused = 0

    def is_open(self, prompt: AskedPrompt) -> bool:
        """Return whether there is a turn to ask; nothing follows upon a reply without text."""
        messages = opening_messages(prompt)
        for turn, asked in enumerate(prompt.turns, start=1):
            messages.append(Message(Role.USER, asked))
            place = Place(self._position, prompt.number, turn)
            settled = self._settled(place, messages)
            if settled is None:
                return True
            if not settled.status.has_text:
                return False
            messages.append(Message(Role.ASSISTANT, settled.reply.text))
        return False

    def _settled(self, place: Place, messages: Sequence[Message]) -> Settled | None:
        there = _settled(self._states[place], conversation_hash(messages), self._again)
        if there is not None:
            return there
        found = self._ledger.reuse(self._connection, place, messages)
        self.reused += found is not None
        return found


def _states(
    connection: Connection, plan: CampaignPlan, model: AskedModel
) -> dict[Place, PlaceState]:
    in_force = replies_in_force(connection, plan.id, position=model.position)
    return {one.place: one for one in places_of(model, plan.prompts, in_force)}


def _settled(state: PlaceState, told: str, again: Collection[ReplyStatus]) -> Settled | None:
    reply = state.reply
    if reply is None or reply.conversation_hash != told or state.status in again:
        return None
    return Settled(reply, state.status)
