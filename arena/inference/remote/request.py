"""Where an OpenAI-compatible server is, what it understands, and the body of a request to it."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from arena.catalog.dialects import OPENAI, Dialect
from arena.domain.conversation import Message, Role, Sampling
from arena.domain.reasoning_tags import Tags
from arena.inference.backend import ChatRequest


class BudgetField(StrEnum):
    """The two names that servers give to the reply's budget of tokens."""

    MAX_TOKENS = "max_tokens"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"


_OPTIONAL: Final = ("temperature", "top_p", "seed", "stream_options")
_UNSUPPORTED: Final = re.compile(
    r"unsupported|not support|not allowed|not permitted|unexpected|unrecognized|unknown"
    r"|only the default|must be > 0\.0 and < 1\.0",
    re.IGNORECASE,
)
"""How servers say that they do not know a field, or a neutral value: TGI takes no `top_p` of 1."""


@dataclass(frozen=True, slots=True)
class AcceptedFields:
    """What a model turned out to take: the name of its budget, and the fields that it refused."""

    budget: BudgetField = BudgetField.MAX_TOKENS
    refused: frozenset[str] = frozenset()

    def after_refusal(self, refusal: str, field_name: str | None) -> "AcceptedFields | None":
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
    """One model at one server. `api_key` is resolved from the environment by the caller.

    `reasoning` are tags beside the usual ones. With `folds_system_prompt` the system prompt begins
    the first user message, for models that know no system role.
    """

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    dialect: Dialect = OPENAI
    system_prompt: str | None = None
    max_context: int | None = None
    api_version: str | None = None
    reasoning: Tags | None = None
    folds_system_prompt: bool = False


def base_address(address: str, dialect: Dialect, model: str) -> str:
    """Return where `/chat/completions` is put behind, for an address as an operator writes it.

    An address without a path means the usual one of its kind of server.
    """
    address = address.rstrip("/")
    if urlsplit(address).path:
        return address
    return address + dialect.path.format(model=model)


def tokenize_address(endpoint: Endpoint) -> str | None:
    """Return where a server counts tokens, relative to its base address or absolute; or None."""
    path = endpoint.dialect.tokenize_path
    if path is None or not path.startswith("//"):
        return path
    parts = urlsplit(endpoint.base_url)
    return f"{parts.scheme}://{parts.netloc}{path[1:]}"


def chat_messages(endpoint: Endpoint, request: ChatRequest) -> list[dict[str, str]]:
    """Return the conversation as the server wants it, with a partial reply as its last message.

    A plain OpenAI API takes that last assistant message as a turn that is over: most answer with
    a sequel, some start over. Only a dialect with a `continuation` continues the very text.
    """
    messages = list(request.messages)
    has_system = any(message.role is Role.SYSTEM for message in messages)
    if endpoint.system_prompt and not has_system and not endpoint.dialect.is_own_engine:
        messages.insert(0, Message(Role.SYSTEM, endpoint.system_prompt))
    if endpoint.folds_system_prompt:
        messages = _folded(messages)
    if request.partial_reply:
        messages.append(Message(Role.ASSISTANT, request.partial_reply))
    return [{"role": message.role.value, "content": message.content} for message in messages]


def _folded(messages: list[Message]) -> list[Message]:
    """Return the conversation with its system prompt at the head of the first user message."""
    system = "\n\n".join(one.content for one in messages if one.role is Role.SYSTEM)
    spoken = [message for message in messages if message.role is not Role.SYSTEM]
    first = next((i for i, message in enumerate(spoken) if message.role is Role.USER), None)
    if system and first is not None:
        spoken[first] = Message(Role.USER, f"{system}\n\n{spoken[first].content}")
    return spoken


def standard_fields(sampling: Sampling, accepted: AcceptedFields) -> dict[str, Any]:
    """Return OpenAI's own sampling fields, without those that the server has refused."""
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


def extension_fields(endpoint: Endpoint, request: ChatRequest) -> dict[str, Any]:
    """Return the fields beyond OpenAI's own that this kind of server understands."""
    dialect = endpoint.dialect
    named = (
        (theirs, getattr(request.sampling, ours))
        for ours, theirs in dialect.sampling_fields.items()
    )
    fields: dict[str, Any] = {theirs: value for theirs, value in named if value is not None}
    if request.partial_reply:
        fields |= dialect.continuation
    if dialect.is_own_engine:
        fields["return_rendered_prompt"] = True
        if request.interval_s:
            fields["stream_interval"] = request.interval_s
    return fields
