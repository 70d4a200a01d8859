"""Whether a prompt may be sent, and to which models, decided before any are drawn."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from arena.domain.conversation import Message, ModelKey, Role
from arena.domain.errors import BadInput, Conflict, Refusal, Unavailable
from arena.domain.language import dense_script, detect_language
from arena.inference.backend import ChatRequest, ModelState, StreamEvent
from arena.services.turn_results import conversation
from arena.storage.battles import BattleRecord

_CHARACTERS_PER_DENSE = 3
_CHARACTERS_PER_UNUSUAL = 2


class Models(Protocol):
    """What battles need of the model pool."""

    def states(self) -> Mapping[ModelKey, ModelState]:
        """State of every enabled model."""
        ...

    async def fitting(self, messages: tuple[Message, ...]) -> frozenset[ModelKey]:
        """Ready models in whose context the messages leave room for a reply."""
        ...

    def stream(self, key: ModelKey, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Ask one model."""
        ...

    def hold(self, owner: str, keys: Collection[ModelKey]) -> bool:
        """Keep a battle's models in memory; False while they must be brought back first."""
        ...

    def release(self, owner: str) -> None:
        """End a battle's hold."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BattleRules:
    """Figures of open play. `prompt_limit` is in characters; `hold` shows answers when all end."""

    slots: int = 2
    prompt_limit: int = 12_000
    hold: bool = False
    abandon_after: timedelta = timedelta(hours=24)


class Eligibility:
    """Refuses what cannot be answered, in words that name no model."""

    def __init__(self, models: Models, rules: BattleRules) -> None:
        self._models = models
        self._rules = rules

    def check_prompt(self, prompt: str) -> None:
        """Raise `BadInput` for a prompt that is blank or over the arena's limit."""
        if not prompt.strip():
            raise BadInput(Refusal.EMPTY_PROMPT)
        if len(prompt) > self._rules.prompt_limit:
            raise BadInput(
                Refusal.PROMPT_TOO_LONG, length=len(prompt), limit=self._rules.prompt_limit
            )

    async def models_for(self, prompt: str) -> frozenset[ModelKey]:
        """Ready models whose context fits a first prompt.

        Raises `Unavailable` while fewer models than slots are ready, and `BadInput` when fewer
        fit. The limit then shown follows the prompt's script, not anybody's tokenizer.
        """
        states = self._models.states()
        ready = [key for key, state in states.items() if state is ModelState.READY]
        if len(ready) < self._rules.slots:
            loading = ModelState.LOADING in states.values()
            raise Unavailable(Refusal.MODELS_LOADING if loading else Refusal.TOO_FEW_MODELS)
        fitting = (await self._models.fitting((Message(Role.USER, prompt),))).intersection(ready)
        if len(fitting) < self._rules.slots:
            raise BadInput(
                Refusal.PROMPT_TOO_DENSE, length=len(prompt), limit=self._dense_limit(prompt)
            )
        return fitting

    async def check_history(self, battle: BattleRecord, prompt: str) -> None:
        """Raise `Conflict` unless the next turn fits the context of every slot's model."""
        asked = [
            self._models.fitting(
                (
                    *conversation(battle, slot.position),
                    Message(Role.ASSISTANT, battle.turns[-1].replies[slot.position].text),
                    Message(Role.USER, prompt),
                )
            )
            for slot in battle.slots
        ]
        answers = await asyncio.gather(*asked)
        fit = zip(battle.slots, answers, strict=True)
        if not all(slot.model_key in fitting for slot, fitting in fit):
            raise Conflict(Refusal.CONVERSATION_FULL)

    def _dense_limit(self, prompt: str) -> int:
        dense = dense_script(detect_language(prompt))
        return self._rules.prompt_limit // (
            _CHARACTERS_PER_DENSE if dense else _CHARACTERS_PER_UNUSUAL
        )
