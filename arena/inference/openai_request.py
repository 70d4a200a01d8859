"""Where an OpenAI-compatible server is, what it understands, and the body of a request to it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from arena.domain.conversation import Message, Role, Sampling
from arena.inference.backend import ChatRequest


class Dialect(StrEnum):
    """What a server understands beyond OpenAI's own fields.

    OPENAI: nothing. VLLM: `top_k`, `repetition_penalty`, `continue_final_message` (also SGLang).
    ENGINE: the same and `return_rendered_prompt`, `/v1/tokenize`; adds the system prompt itself.
    """

    OPENAI = "openai"
    VLLM = "vllm"
    ENGINE = "engine"


class BudgetField(StrEnum):
    """The two names that servers give to the reply's budget of tokens."""

    MAX_TOKENS = "max_tokens"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"

    @property
    def other(self) -> "BudgetField":
        """The name to try when this one is refused."""
        return next(name for name in BudgetField if name is not self)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model at one server. `api_key` is resolved from the environment by the caller."""

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    dialect: Dialect = Dialect.OPENAI
    system_prompt: str | None = None
    max_context: int | None = None


def chat_messages(endpoint: Endpoint, request: ChatRequest) -> list[dict[str, str]]:
    """Return the conversation as the server wants it, with a partial reply as its last message.

    A plain OpenAI API takes that last assistant message as a turn that is over: most answer with
    a sequel, some begin anew. Only VLLM and ENGINE servers continue the very text.
    """
    messages = list(request.messages)
    has_system = any(message.role is Role.SYSTEM for message in messages)
    if endpoint.system_prompt and not has_system and endpoint.dialect is not Dialect.ENGINE:
        messages.insert(0, Message(Role.SYSTEM, endpoint.system_prompt))
    if request.partial_reply:
        messages.append(Message(Role.ASSISTANT, request.partial_reply))
    return [{"role": message.role.value, "content": message.content} for message in messages]


def sampling_fields(sampling: Sampling, budget: BudgetField) -> dict[str, Any]:
    """Return the fields of OpenAI's own that say how to sample."""
    fields: dict[str, Any] = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        budget.value: sampling.max_new_tokens,
    }
    if sampling.stop:
        fields["stop"] = list(sampling.stop)
    if sampling.seed is not None:
        fields["seed"] = sampling.seed
    return fields


def extra_fields(endpoint: Endpoint, request: ChatRequest) -> dict[str, Any]:
    """Return the fields beyond OpenAI's that this server understands."""
    if endpoint.dialect is Dialect.OPENAI:
        return {}
    fields: dict[str, Any] = {"repetition_penalty": request.sampling.repetition_penalty}
    if request.sampling.top_k is not None:
        fields["top_k"] = request.sampling.top_k
    if request.partial_reply:
        fields |= {"continue_final_message": True, "add_generation_prompt": False}
    if endpoint.dialect is Dialect.ENGINE:
        fields["return_rendered_prompt"] = True
    return fields
