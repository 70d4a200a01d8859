"""The values that a catalog row is made of, each refused with a sentence when it is wrong."""

from dataclasses import asdict
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    PlainValidator,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from arena.catalog.dialects import REMOTE_DIALECTS
from arena.catalog.explanations import suggestion
from arena.domain.conversation import Sampling

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)

_DEFAULT = Sampling()


def web_address(value: str) -> str:
    """Return an absolute http or https address unchanged; raise ValueError for anything else."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"must be a web address that starts with https:// or http:// ({value!r})")
    return value


def device_choice(value: object) -> str | tuple[int, ...]:
    """Return `auto`, `cpu` or the GPU numbers; raise ValueError for anything else."""
    if value in ("auto", "cpu"):
        return str(value)
    numbers = tuple(value) if isinstance(value, list | tuple) else ()
    whole = all(isinstance(number, int) and not isinstance(number, bool) for number in numbers)
    if not numbers or not whole or min(numbers) < 0 or len(set(numbers)) < len(numbers):
        raise ValueError(f"write auto, cpu, or a list of GPU numbers such as [0, 1] ({value!r})")
    return numbers


def _stated(devices: str | tuple[int, ...]) -> str | list[int]:
    """Return devices as JSON has them; pydantic alone takes its own list for a mistake."""
    return devices if isinstance(devices, str) else list(devices)


def server_address(value: str) -> str:
    """Return the web address of a server unchanged; raise ValueError where it says too much."""
    parts = urlsplit(web_address(value))
    if parts.username or parts.password:
        raise ValueError("holds a name or a password: name a variable in `api_key_env` instead")
    if parts.query or parts.fragment:
        raise ValueError("ends at the `?`: Azure's version goes into `api_version`")
    if parts.path.rstrip("/").endswith("/completions"):
        raise ValueError("leave out /chat/completions: the arena adds it")
    return value


def variable_name(value: str) -> str:
    """Return the name of an environment variable unchanged; raise ValueError for anything else."""
    if not value.isascii() or not value.isidentifier():
        raise ValueError(f"write names of environment variables, without values ({value!r})")
    if value.startswith("ARENA_"):
        raise ValueError(f"a setting of the arena is for no engine ({value})")
    return value


def python_path(value: str) -> str:
    """Return the path of a Python unchanged; raise ValueError for a bare name."""
    if not value.startswith((".", "/", "~")):
        raise ValueError(f"write the path of a Python, such as /opt/vllm/bin/python ({value!r})")
    return value


def server_kind(value: str) -> str:
    """Return the name of a dialect unchanged; raise ValueError for anything else."""
    if value not in REMOTE_DIALECTS:
        *others, last = (f"'{name}'" for name in REMOTE_DIALECTS)
        hint = suggestion(value, REMOTE_DIALECTS)
        raise ValueError(f"choose {', '.join(others)} or {last} (it is {value!r}){hint}")
    return value


def tag(value: str) -> str:
    """Return a tag unchanged; raise ValueError where blanks around it would never be found."""
    if value != value.strip():
        raise ValueError(f"write the tag without blanks around it ({value!r})")
    return value


Text = Annotated[str, Field(min_length=1)]
Tag = Annotated[str, AfterValidator(tag)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
Names = Annotated[tuple[Annotated[str, AfterValidator(variable_name)], ...], Field(strict=False)]
PythonPath = Annotated[str, AfterValidator(python_path)]
WebAddress = Annotated[str, AfterValidator(web_address)]
ServerKind = Annotated[str, AfterValidator(server_kind)]
ServerAddress = Annotated[str, AfterValidator(server_address)]
Patience = Annotated[float, Field(gt=0, le=3600)]
Devices = Annotated[
    str | tuple[int, ...],
    PlainValidator(device_choice),
    PlainSerializer(_stated, return_type=str | list[int], when_used="json"),
]


class Script(BaseModel):
    """What a scripted model says, and how it misbehaves. Times in seconds.

    Tokens are words. `tokens_per_second` None means without waiting; `fail_at_token` breaks every
    `fail_every`-th reply there; `truncate_at_token` ends a reply there as if it were too long.
    """

    model_config = STRICT

    replies: Annotated[Texts, Field(min_length=1)]
    tokens_per_second: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    first_token_delay_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    fail_at_token: Annotated[int, Field(ge=0)] | None = None
    fail_every: Annotated[int, Field(ge=1)] = 1
    truncate_at_token: Annotated[int, Field(ge=1)] | None = None


class ReasoningFields(BaseModel):
    """The keys of a `reasoning:` block: the tags around what a model thinks before it answers.

    `open` is empty for a model whose template ends in that tag: its replies hold the other alone.
    """

    model_config = STRICT

    open: Tag
    close: Annotated[Tag, Field(min_length=1)]

    @model_validator(mode="after")
    def _refuse_equal_tags(self) -> Self:
        if self.open == self.close:
            raise ValueError("`open` and `close` must differ: which is which could not be told")
        return self


class TimeoutFields(BaseModel):
    """The keys of a `timeouts:` block, in seconds; None leaves the arena's own default."""

    model_config = STRICT

    connect_s: Patience | None = None
    first_token_s: Patience | None = None
    between_tokens_s: Patience | None = None

    def given(self) -> dict[str, float]:
        """Return the timeouts that the row sets, by name."""
        return {name: float(value) for name, value in self if value is not None}


class SamplingFields(BaseModel):
    """The keys of a `sampling:` block and their ranges; becomes the domain's `Sampling`."""

    model_config = STRICT

    temperature: Annotated[float, Field(ge=0, le=2)] = _DEFAULT.temperature
    top_p: Annotated[float, Field(gt=0, le=1)] = _DEFAULT.top_p
    top_k: Annotated[int, Field(ge=1)] | None = _DEFAULT.top_k
    repetition_penalty: Annotated[float, Field(gt=0, le=2)] = _DEFAULT.repetition_penalty
    max_new_tokens: Annotated[int, Field(ge=1)] = _DEFAULT.max_new_tokens
    stop: Texts = _DEFAULT.stop
    seed: Annotated[int, Field(ge=0)] | None = _DEFAULT.seed

    @model_validator(mode="before")
    @classmethod
    def _accept_domain(cls, value: object) -> object:
        return asdict(value) if isinstance(value, Sampling) else value

    def to_domain(self) -> Sampling:
        """Return the same values as the domain knows them."""
        return Sampling(**self.model_dump())


class CheckedAsSampling:
    """Marks a `Sampling` field as read from, and checked by, `SamplingFields`."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate the block with its ranges, then hand over the plain domain object."""
        del source
        return core_schema.no_info_after_validator_function(
            SamplingFields.to_domain,
            handler.generate_schema(SamplingFields),
            serialization=core_schema.plain_serializer_function_ser_schema(_as_json),
        )


def _as_json(sampling: Sampling) -> dict[str, Any]:
    return asdict(sampling)
