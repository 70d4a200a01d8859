"""Decides whether a prompt may be sent, and to which models, before any are drawn."""

from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from arena.domain.conversation import Message, ModelKey, Role
from arena.domain.conversation_length import conversation_length, counted
from arena.domain.errors import BadInput, Conflict, Refusal, Unavailable
from arena.domain.language import dense_script, language_of_script
from arena.domain.mode import PAIRWISE, Mode
from arena.inference.backend import ChatRequest, ModelState, StreamEvent
from arena.inference.pacing import READING_PACE
from arena.storage.battles import BattleRecord

_CHARACTERS_PER_DENSE = 3
_CHARACTERS_PER_UNUSUAL = 2


class Models(Protocol):
    """What battles need of the model pool."""

    def states(self) -> Mapping[ModelKey, ModelState]:
        """State of every enabled model."""
        ...

    async def fits(
        self, messages: tuple[Message, ...], keys: Collection[ModelKey]
    ) -> Mapping[ModelKey, bool]:
        """Whether the messages leave room for a reply, for those of `keys` that can say."""
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
    """Figures of open play; `hold` shows answers when all end.

    `reading_pace` (characters a second) is the least pace of an answer after the other has ended.

    `prompt_limit` is in characters, `conversation_limit` in counted ones
    (`domain.conversation_length`). Both are the arena's: a limit of the drawn models names them.
    """

    mode: Mode = PAIRWISE
    prompt_limit: int = 12_000
    conversation_limit: int = 48_000
    hold: bool = False
    reading_pace: float = READING_PACE
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

        Raises `Unavailable` while fewer models than slots can answer, and `BadInput` when fewer
        fit. The limit then shown follows the prompt's script, not anybody's tokenizer.
        """
        states = self._models.states()
        ready = [key for key, state in states.items() if state is ModelState.READY]
        if len(ready) < self._rules.mode.slots:
            loading = ModelState.LOADING in states.values()
            raise Unavailable(Refusal.MODELS_LOADING if loading else Refusal.TOO_FEW_MODELS)
        answers = await self._models.fits((Message(Role.USER, prompt),), ready)
        fitting = frozenset(key for key, fits in answers.items() if fits)
        silent = len(ready) - len(answers)
        if len(fitting) >= self._rules.mode.slots:
            return fitting
        if len(fitting) + silent >= self._rules.mode.slots:
            raise Unavailable(Refusal.MODELS_LOADING)
        raise BadInput(
            Refusal.PROMPT_TOO_DENSE, length=len(prompt), limit=self._dense_limit(prompt)
        )

    def check_conversation(self, battle: BattleRecord, prompt: str) -> None:
        """Raise `Conflict` when the next turn would pass the arena's limit of a conversation.

        What passes and yet does not fit one of the models fails there, and voids the battle for
        both sides: a refusal by one side's context or history would name it before the vote.
        Raises `Unavailable` while one of the models cannot answer.
        """
        turns = ((turn.prompt, [reply.text for reply in turn.replies]) for turn in battle.turns)
        length = conversation_length(turns) + counted(prompt)
        limit = self._rules.conversation_limit
        if length > limit:
            raise Conflict(Refusal.CONVERSATION_FULL, length=length, limit=limit)
        states = {self._models.states().get(slot.model_key) for slot in battle.slots}
        if ModelState.FAILED in states:
            raise Unavailable(Refusal.TOO_FEW_MODELS)
        if states != {ModelState.READY}:
            raise Unavailable(Refusal.MODELS_LOADING)

    def _dense_limit(self, prompt: str) -> int:
        dense = dense_script(language_of_script(prompt))
        return self._rules.prompt_limit // (
            _CHARACTERS_PER_DENSE if dense else _CHARACTERS_PER_UNUSUAL
        )
