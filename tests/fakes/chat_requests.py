"""Short ways to ask a backend and to gather what it says."""

from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass

from arena.domain.conversation import Message, Role, Sampling
from arena.inference.backend import ChatBackend, ChatRequest, Delta, Finished


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete stream, put together."""

    text: str
    reasoning: str
    deltas: tuple[Delta, ...]
    finished: Finished


def user(text: str) -> tuple[Message, ...]:
    """Return a conversation of one question."""
    return (Message(Role.USER, text),)


def ask(text: str, *, tokens: int = 64, partial: str = "", stop: Iterable[str] = ()) -> ChatRequest:
    """Return a greedy request of one question."""
    sampling = Sampling(temperature=0.0, max_new_tokens=tokens, stop=tuple(stop))
    return ChatRequest(user(text), sampling, partial)


async def reply_of(backend: ChatBackend, request: ChatRequest) -> Reply:
    """Read a whole stream; fails unless `Finished` comes exactly once, and last."""
    deltas: list[Delta] = []
    finished: list[Finished] = []
    async with aclosing(backend.stream(request)) as events:
        async for event in events:
            assert not finished, "an event after Finished"
            if isinstance(event, Delta):
                deltas.append(event)
            else:
                finished.append(event)
    assert len(finished) == 1, "a stream without Finished"
    text = "".join(delta.text for delta in deltas)
    reasoning = "".join(delta.reasoning for delta in deltas)
    return Reply(text, reasoning, tuple(deltas), finished[0])
