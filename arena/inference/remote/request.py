"""Where an OpenAI-compatible server is, what it understands, and the body of a request to it."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from arena.domain.conversation import Message, Role, Sampling
from arena.inference.backend import ChatRequest


class Dialect(StrEnum):
    """What a server understands beyond OpenAI's own fields.

    OPENAI: nothing. AZURE: nothing, and it wants its key and its version in its own places. VLLM:
    `top_k`, `repetition_penalty`, `continue_final_message` (also SGLang). ENGINE: the same and
    `return_rendered_prompt`, `/v1/tokenize`; adds the system prompt itself.
    """

    OPENAI = "openai"
    AZURE = "azure"
    VLLM = "vllm"
    ENGINE = "engine"

    @property
    def is_plain(self) -> bool:
        """Whether only OpenAI's own fields may be sent."""
        return self in {Dialect.OPENAI, Dialect.AZURE}


class BudgetField(StrEnum):
    """The two names that servers give to the reply's budget of tokens."""

    MAX_TOKENS = "max_tokens"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"


_OPTIONAL: Final = ("temperature", "top_p", "seed", "stream_options")
_UNSUPPORTED: Final = re.compile(
    r"unsupported|not support|not allowed|not permitted|unexpected|unrecognized|unknown"
    r"|only the default",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a model turned out to take: the name of its budget, and the fields that it refused."""

    budget: BudgetField = BudgetField.MAX_TOKENS
    refused: frozenset[str] = frozenset()

    def after(self, refusal: str, field_name: str | None) -> "Accepted | None":
        """Return what to send instead after a refusal; None when it is about something else.

        `refusal` is the server's text, `field_name` the field that it blames, if it names one.
        Every answer differs from all before it, so that a request is sent again a few times only.
        """
        renamed = BudgetField.MAX_COMPLETION_TOKENS
        if self.budget is not renamed and renamed in refusal:
            return replace(self, budget=renamed)
        if not _UNSUPPORTED.search(refusal):
            return None
        for name in _OPTIONAL:
            blamed = name == field_name if field_name else re.search(rf"\b{name}\b", refusal)
            if blamed and name not in self.refused:
                return replace(self, refused=self.refused | {name})
        return None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model at one server. `api_key` is resolved from the environment by the caller."""

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    dialect: Dialect = Dialect.OPENAI
    system_prompt: str | None = None
    max_context: int | None = None
    api_version: str | None = None


def base_address(address: str, dialect: Dialect, model: str) -> str:
    """Return where `/chat/completions` is put behind, for an address as an operator writes it.

    An address without a path means the server's usual one: `/v1`, or at Azure the deployment that
    bears the model's name.
    """
    address = address.rstrip("/")
    if urlsplit(address).path:
        return address
    if dialect is Dialect.AZURE:
        return f"{address}/openai/deployments/{model}"
    return f"{address}/v1"


def models_address(endpoint: Endpoint) -> str:
    """Return where a server lists its models; Azure does so beside its deployments."""
    if endpoint.dialect is Dialect.AZURE:
        parts = urlsplit(endpoint.base_url)
        return f"{parts.scheme}://{parts.netloc}/openai/models"
    return "/models"


def is_same_model(asked: str, told: str) -> bool:
    """Whether two names mean one model: the last part of a path, a date or `latest` after it."""
    asked, told = (name.rsplit("/", 1)[-1].casefold() for name in (asked, told))
    return re.fullmatch(re.escape(asked) + r"([-@:](\d[\d-]*|latest))?", told) is not None


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


def own_fields(sampling: Sampling, accepted: Accepted) -> dict[str, Any]:
    """Return the fields of OpenAI's own that say how to sample, without those it refused."""
    fields: dict[str, Any] = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        accepted.budget.value: sampling.max_new_tokens,
        "stream_options": {"include_usage": True},
    }
    if sampling.stop:
        fields["stop"] = list(sampling.stop)
    if sampling.seed is not None:
        fields["seed"] = sampling.seed
    return {name: value for name, value in fields.items() if name not in accepted.refused}


def extra_fields(endpoint: Endpoint, request: ChatRequest) -> dict[str, Any]:
    """Return the fields beyond OpenAI's that this server understands."""
    if endpoint.dialect.is_plain:
        return {}
    fields: dict[str, Any] = {"repetition_penalty": request.sampling.repetition_penalty}
    if request.sampling.top_k is not None:
        fields["top_k"] = request.sampling.top_k
    if request.partial_reply:
        fields |= {"continue_final_message": True, "add_generation_prompt": False}
    if endpoint.dialect is Dialect.ENGINE:
        fields["return_rendered_prompt"] = True
    return fields
