"""Requests of the OpenAI protocol as this engine understands them, validated on arrival."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from arena.domain.conversation import Message, Role, Sampling
from arena.engine.unsupported import unknown, unsupported
from arena.engine.wire_messages import Text, WireMessage, bare, quoted

_Body = TypeVar("_Body", bound="RequestBody")
Value = TypeVar("Value")

_Stop = Annotated[Text, Field(min_length=1, max_length=256)]
"""Stop strings are sought after every token, so their number and length are bounded."""

_MAX_STOPS = 16
_MAX_MESSAGES = 4096
_Finite = Annotated[float, Field(allow_inf_nan=False)]
Contradiction = tuple[str, str]
"""A field of a request that others exclude, and what to change."""


class RefusedRequest(Exception):
    """A request that the client must change, or send later; becomes an HTTP error.

    `param` is the field to blame, as OpenAI writes it: `messages[0].role`.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str,
        param: str | None = None,
        **details: int | str,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param
        self.details = details


def _at_the_end(continuously: object) -> object:
    if continuously:
        raise ValueError("token counts come once, at the end: use include_usage")
    return continuously


class StreamOptions(BaseModel):
    """Whether the stream ends with a chunk of token counts.

    `include_obfuscation` asks OpenAI for padding against listeners on the way, and is ignored.
    """

    model_config = ConfigDict(extra="forbid")

    include_usage: bool | None = False
    include_obfuscation: bool | None = None
    continuous_usage_stats: Annotated[bool, AfterValidator(_at_the_end)] | None = None


class RequestBody(BaseModel):
    """What all requests share. Without `model` the one model that is here is meant."""

    model_config = ConfigDict(extra="ignore")  # `parse` has refused what is not known

    model: Text | None = None

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield what cannot be done at the same time."""
        yield from ()


class GenerationBody(RequestBody):
    """What chat and plain completions share.

    A field left out takes the model row's value. `stream_interval`: seconds from one piece of text
    to the next, for clients who do not read along; the first and the last do not wait.
    """

    temperature: _Finite | None = Field(default=None, ge=0, le=5)
    top_p: _Finite | None = Field(default=None, gt=0, le=1)
    top_k: int | None = Field(default=None, ge=-1)
    repetition_penalty: _Finite | None = Field(default=None, gt=0, le=5)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stop: list[_Stop] = Field(default=[], max_length=_MAX_STOPS)
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    ignore_eos: bool = False
    stream: bool = False
    stream_options: StreamOptions | None = None
    return_rendered_prompt: bool = False
    stream_interval: _Finite = Field(default=0.0, ge=0, le=60)

    @field_validator("stop", mode="before")
    @classmethod
    def _listed(cls, stop: object) -> object:
        return [stop] if isinstance(stop, str) else stop

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield what cannot be done at the same time."""
        budgets = {self.max_tokens, self.max_completion_tokens} - {None}
        if len(budgets) > 1:
            yield "max_completion_tokens", "max_tokens says another number: send one of the two"
        if self.stream_options and self.stream_options.include_usage and not self.stream:
            yield "stream_options", "only streams have options: leave it out, or stream"

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
            stop=tuple(self.stop),
        )

    @property
    def streams_usage(self) -> bool:
        """Whether a stream shall end with token counts; a whole answer always has them."""
        return bool(self.stream and self.stream_options and self.stream_options.include_usage)


class ChatBody(GenerationBody):
    """Body of `/v1/chat/completions`."""

    messages: list[WireMessage] = Field(min_length=1, max_length=_MAX_MESSAGES)
    continue_final_message: bool = False
    add_generation_prompt: bool | None = None

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield what cannot be done at the same time."""
        yield from super().contradictions()
        ends_with_reply = self.messages[-1].role == "assistant"
        if ends_with_reply and not self.continue_final_message:
            yield "messages", "end with a user message, or set continue_final_message"
        if self.continue_final_message and not ends_with_reply:
            yield "continue_final_message", "the last message is not the assistant's"
        if self.add_generation_prompt is self.continue_final_message:
            yield "add_generation_prompt", "is the opposite of continue_final_message: leave it out"

    def conversation(self) -> tuple[list[Message], str]:
        """Return the messages, and apart from them the reply that is to be continued."""
        messages = [message.to_domain() for message in self.messages]
        if messages[-1].role is Role.ASSISTANT:
            return messages[:-1], messages[-1].content
        return messages, ""


class CompletionBody(GenerationBody):
    """Body of `/v1/completions`: one prompt of text."""

    prompt: Text

    @field_validator("prompt", mode="before")
    @classmethod
    def _only_one(cls, prompt: object) -> object:
        if not isinstance(prompt, list):
            return prompt
        if len(prompt) == 1 and isinstance(prompt[0], str):
            return prompt[0]
        raise ValueError("send one text a request, and no lists of texts or token ids")


class TokenizeBody(RequestBody):
    """Body of `/v1/tokenize`: a conversation, or a text as it is."""

    messages: list[WireMessage] | None = Field(default=None, min_length=1, max_length=_MAX_MESSAGES)
    prompt: Text | None = None

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield what cannot be done at the same time."""
        if (self.messages is None) == (self.prompt is None):
            yield "messages", "send either messages or a prompt"


def parse(kind: type[_Body], body: bytes) -> _Body:
    """Read a request body; raise `RefusedRequest` with every fault in one sentence.

    Null stands for a field that was left out, as everywhere in the protocol.
    """
    try:
        fields = json.loads(body)
        if not isinstance(fields, dict):
            raise RefusedRequest(400, "the body is not a JSON object", code="invalid_json")
        given = {name: value for name, value in fields.items() if value is not None}
        _refuse_fields(given, kind)
        parsed = kind.model_validate(given)
    except ValidationError as invalid:
        faults = [(_path(error["loc"]), _fault(error)) for error in invalid.errors()]
        sentence = "; ".join(f"{path}: {fault}" for path, fault in faults)
        raise _invalid(sentence, faults[0][0]) from invalid
    except (ValueError, RecursionError) as error:
        raise RefusedRequest(400, f"the body is not JSON: {error}", code="invalid_json") from error
    for field, sentence in parsed.contradictions():
        raise _invalid(f"{field}: {sentence}", field)
    return parsed


def _refuse_fields(given: Mapping[str, Any], kind: type[BaseModel]) -> None:
    if refused := unsupported(given):
        field, sentence = refused
        raise RefusedRequest(400, sentence, code="unsupported_parameter", param=field)
    if (name := unknown(given, kind.model_fields)) is not None:
        sentence = f"{quoted(name)} is not a known field: correct it, or leave it out"
        raise RefusedRequest(400, sentence, code="unknown_parameter", param=bare(name) or None)


def _invalid(sentence: str, param: str | None) -> RefusedRequest:
    return RefusedRequest(400, sentence, code="invalid_request", param=param or None)


def _path(place: tuple[int | str, ...]) -> str:
    """Return where a fault is in OpenAI's way: `messages[0].role`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{bare(step)}" for step in place)
    return "".join(steps).removeprefix(".")


def _fault(error: Mapping[str, Any]) -> str:
    if error["type"] == "model_type":
        return "Input should be an object"  # pydantic's own sentence names our class
    return str(error["msg"]).removeprefix("Value error, ")


def _or(given: Value | None, default: Value) -> Value:
    return default if given is None else given


def _top_k(top_k: int | None) -> int | None:
    """Return None, no limit, for 0 and -1: both mean «off» in other engines."""
    return top_k if top_k is not None and top_k > 0 else None
