"""Requests of the OpenAI protocol as this engine understands them, validated on arrival."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from arena.domain.conversation import Message, Role, Sampling
from arena.engine.unsupported import unsupported

Body = TypeVar("Body", bound=BaseModel)
Value = TypeVar("Value")


def _writable(text: str) -> str:
    """Return text that UTF-8 can write; raise ValueError for half a surrogate pair."""
    text.encode()
    return text


Text = Annotated[str, AfterValidator(_writable)]
_Stop = Annotated[Text, Field(max_length=256)]
"""Stop strings are sought after every token, so their number and length are bounded."""

_MAX_STOPS = 16
_MAX_MESSAGES = 4096
_Finite = Annotated[float, Field(allow_inf_nan=False)]


class RefusedRequest(Exception):
    """A request that the client must change, or send later; becomes an HTTP error."""

    def __init__(self, status: int, message: str, *, code: str, **details: int | str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.details = details


class WireMessage(BaseModel):
    """One message; content as text or as OpenAI's list of text parts."""

    role: Literal["system", "user", "assistant", "developer"]
    content: Text

    @field_validator("content", mode="before")
    @classmethod
    def _joined(cls, content: object) -> object:
        if not isinstance(content, list):
            return content
        kinds = [part.get("type", "text") for part in content if isinstance(part, Mapping)]
        if strange := [kind for kind in kinds if kind != "text"]:
            raise ValueError(f"parts of type {strange[0]!r} are not supported: send text alone")
        parts = [part.get("text") for part in content if isinstance(part, Mapping)]
        return "".join(part for part in parts if isinstance(part, str))

    def to_domain(self) -> Message:
        """Return the domain's message; OpenAI's newer name for system is understood."""
        role = Role.SYSTEM if self.role == "developer" else Role(self.role)
        return Message(role, self.content)


class StreamOptions(BaseModel):
    """Whether the stream ends with a chunk of token counts."""

    include_usage: bool = False


class GenerationBody(BaseModel):
    """What chat and plain completions share.

    Fields of others' extensions are ignored, unless they ask for what cannot be done.

    A field left out takes the model row's value. `stream_interval`: seconds from one piece of text
    to the next, for clients who do not read along; the first and the last do not wait.
    """

    model_config = ConfigDict(extra="ignore")

    temperature: _Finite | None = Field(default=None, ge=0, le=5)
    top_p: _Finite | None = Field(default=None, gt=0, le=1)
    top_k: int | None = None
    repetition_penalty: _Finite | None = Field(default=None, gt=0, le=5)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stop: _Stop | Annotated[list[_Stop], Field(max_length=_MAX_STOPS)] | None = None
    n: Literal[1] = 1
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    ignore_eos: bool = False
    stream: bool = False
    stream_options: StreamOptions | None = None
    return_rendered_prompt: bool = False
    stream_interval: _Finite = Field(default=0.0, ge=0, le=60)

    def sampling(self, default: Sampling) -> Sampling:
        """Return the row's sampling with this request's values in it; its own stops only."""
        budget = self.max_completion_tokens or self.max_tokens
        return replace(
            default,
            temperature=_or(self.temperature, default.temperature),
            top_p=_or(self.top_p, default.top_p),
            top_k=_top_k(_or(self.top_k, default.top_k)),
            repetition_penalty=_or(self.repetition_penalty, default.repetition_penalty),
            max_new_tokens=_or(budget, default.max_new_tokens),
            seed=_or(self.seed, default.seed),
            stop=(self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ()),
        )

    @property
    def wants_usage(self) -> bool:
        """Whether a stream shall end with token counts; a whole answer always has them."""
        return not self.stream or (self.stream_options or StreamOptions()).include_usage


class ChatBody(GenerationBody):
    """Body of `/v1/chat/completions`."""

    messages: list[WireMessage] = Field(min_length=1, max_length=_MAX_MESSAGES)
    continue_final_message: bool = False

    def conversation(self) -> tuple[list[Message], str]:
        """Return the messages, and apart from them the reply that is to be continued."""
        messages = [message.to_domain() for message in self.messages]
        if self.continue_final_message and messages[-1].role is Role.ASSISTANT:
            return messages[:-1], messages[-1].content
        return messages, ""


class CompletionBody(GenerationBody):
    """Body of `/v1/completions`: one prompt of text."""

    prompt: Text


class TokenizeBody(BaseModel):
    """Body of `/v1/tokenize`: a conversation, or a text as it is."""

    model_config = ConfigDict(extra="ignore")

    messages: list[WireMessage] | None = Field(default=None, min_length=1, max_length=_MAX_MESSAGES)
    prompt: Text | None = None


def parse(kind: type[Body], body: bytes) -> Body:
    """Read a request body; raise `RefusedRequest` with every fault in one sentence."""
    try:
        fields = json.loads(body)
        if isinstance(fields, Mapping) and (refused := unsupported(fields)):
            field, sentence = refused
            raise RefusedRequest(400, sentence, code="unsupported_parameter", param=field)
        return kind.model_validate(fields)
    except ValidationError as invalid:
        faults = "; ".join(
            f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in invalid.errors()
        )
        raise RefusedRequest(400, faults, code="invalid_request") from invalid
    except (ValueError, RecursionError) as error:
        raise RefusedRequest(400, f"the body is not JSON: {error}", code="invalid_json") from error


def _or(given: Value | None, default: Value) -> Value:
    return default if given is None else given


def _top_k(top_k: int | None) -> int | None:
    """Return None, no limit, for 0 and -1: both mean «off» in other engines."""
    return top_k if top_k is not None and top_k > 0 else None
