"""Models that say what a test tells them to, at the speed it wants, and remember being asked."""

import asyncio
import re
from collections.abc import AsyncGenerator, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from arena.domain.conversation import FinishReason, Message, ModelKey
from arena.inference.backend import ChatRequest, Delta, Finished, ModelState, StreamEvent
from arena.inference.errors import InferenceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """How a model answers.

    A token is `characters_per_token` characters, or what `token_pattern` matches next; the first
    comes after `first_token_s` (by default one token's time). `budget` cuts each attempt after
    that many characters, `fails_at` breaks the stream instead of sending that token (0 is the
    first), `endless` never finishes.
    """

    text: str = "A short answer."
    tokens_per_second: float = 100.0
    characters_per_token: int = 4
    token_pattern: str | None = None
    first_token_s: float | None = None
    budget: int | None = None
    fails_at: int | None = None
    error: Exception = field(default_factory=lambda: InferenceError("the engine went away"))
    endless: bool = False
    reasoning: str = ""

    def tokens(self, prefix: str) -> Iterator[str]:
        """What follows `prefix`, token by token."""
        if self.endless:
            while True:
                yield "x" * self.characters_per_token
        rest = self.text[len(prefix) :][: self.budget]
        if self.token_pattern is not None:
            yield from re.findall(self.token_pattern, rest)
            return
        for start in range(0, len(rest), self.characters_per_token):
            yield rest[start : start + self.characters_per_token]

    def end(self, prefix: str) -> FinishReason:
        """Whether the budget cuts what follows `prefix`."""
        cut = self.budget is not None and len(self.text) - len(prefix) > self.budget
        return FinishReason.LENGTH if cut else FinishReason.STOP


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and the loop time at which it came."""

    key: ModelKey
    at: float
    request: ChatRequest


class ScriptedModels:
    """`services.eligibility.Models`, written by hand."""

    def __init__(self, *keys: str) -> None:
        self.scripts = {ModelKey(key): Script() for key in keys}
        self.model_states = dict.fromkeys(self.scripts, ModelState.READY)
        self.contexts = dict.fromkeys(self.scripts, 100_000)
        self.asked: list[Asked] = []
        self.open = 0
        self.held: dict[str, frozenset[ModelKey]] = {}
        self.in_memory = True
        self.dying: set[ModelKey] = set()

    def script(self, key: str, **changes: Any) -> None:
        """Change how a model answers."""
        self.scripts[ModelKey(key)] = replace(self.scripts[ModelKey(key)], **changes)

    def hold(self, owner: str, keys: Collection[ModelKey]) -> bool:
        """Remember who holds what; all are in memory unless a test says otherwise."""
        self.held[owner] = frozenset(keys)
        return self.in_memory

    def release(self, owner: str) -> None:
        """Forget a hold."""
        self.held.pop(owner, None)

    def script_all(self, **changes: Any) -> None:
        """Change how every model answers."""
        for key in self.scripts:
            self.script(key, **changes)

    def states(self) -> Mapping[ModelKey, ModelState]:
        return self.model_states

    async def fits(
        self, messages: tuple[Message, ...], keys: Collection[ModelKey]
    ) -> Mapping[ModelKey, bool]:
        characters = sum(len(message.content) for message in messages)
        return {
            key: characters <= self.contexts[key]
            for key in keys
            if self.model_states[key] is ModelState.READY and key not in self.dying
        }

    async def stream(
        self, key: ModelKey, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        loop = asyncio.get_running_loop()
        self.asked.append(Asked(key, loop.time(), request))
        self.open += 1
        try:
            async for event in _events(self.scripts[key], request.partial_reply):
                yield event
        finally:
            self.open -= 1


async def _events(script: Script, prefix: str) -> AsyncGenerator[StreamEvent, None]:
    """Every token at its own moment, counted from the start: rounding does not add up."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    token_s = 1 / script.tokens_per_second
    first_s = token_s if script.first_token_s is None else script.first_token_s
    if script.reasoning:
        yield Delta(reasoning=script.reasoning)
    count = 0
    for count, token in enumerate(script.tokens(prefix), start=1):
        await asyncio.sleep(began + first_s + (count - 1) * token_s - loop.time())
        if script.fails_at == count - 1:
            raise script.error
        yield Delta(token)
    if script.fails_at is not None and script.fails_at >= count:
        raise script.error
    yield Finished(script.end(prefix), prompt_tokens=7, reply_tokens=count)
