"""Settings from `ARENA_*` environment variables, checked once at the start."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from arena.domain.addresses import is_loopback
from arena.domain.reveal import RevealPolicy
from arena.domain.visibility import Visibility

PREFIX = "ARENA_"
_FOREIGN = frozenset({"ARENA_ENGINE_TOKEN"})
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")

T = TypeVar("T")


class RevealPace(StrEnum):
    """How answers appear: growing together, or all at once when all are done."""

    TOGETHER = "together"
    COMPLETE = "complete"


class SettingsError(ValueError):
    """One or more settings are wrong; the message names each and says what to change."""


@dataclass(frozen=True)
class Expected:
    """What to write for a setting that does not take every text, in the words of its error."""

    words: str


def _host_names(value: object) -> object:
    if not isinstance(value, str):
        return value
    names = tuple(name.strip().lower() for name in value.split(",") if name.strip())
    if not names or not all(name == "*" or _HOST_NAME.fullmatch(name) for name in names):
        raise ValueError(value)
    return names


def _rates(value: object) -> object:
    from limits import parse_many  # late: it takes a tenth of a second, and few need it

    if isinstance(value, str):
        parse_many(value)  # raises ValueError
    return value


_Port = Annotated[int, Field(ge=0, le=65535), Expected("a port from 0 to 65535")]
_Limit = Annotated[int | None, Field(ge=1), Expected("a whole number from 1 up")]
_Duration = Annotated[float, Field(gt=0, allow_inf_nan=False), Expected("a number above 0")]
_Switch = Annotated[bool, Expected("true or false")]
_OptionalSwitch = Annotated[bool | None, Expected("true or false")]
_HostNames = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_host_names),
    Expected("names without port, separated by commas: arena.example.org,arena"),
]
_Rates = Annotated[
    str,
    BeforeValidator(_rates),
    Expected("one or more rates: 100/minute, or 200/minute;600/hour"),
]


def _setting(default: T, description: str, *, unset: str = "none") -> T:
    """Return one row of the table of settings; `unset` says in words what an empty default does."""
    return Field(default, description=description, json_schema_extra={"unset": unset})


class Settings(BaseSettings):
    """Every setting of an arena. A field `x` is read from `ARENA_X`, by `load_settings` alone."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, validate_default=False, hide_input_in_errors=True
    )

    database_url: str = _setting(
        "sqlite:///db/arena.sqlite3", "where the votes go: an SQLite file, or `postgresql://…`"
    )
    models: Path = _setting(Path("models.yaml"), "the catalog")
    config: Path | None = _setting(
        None,
        "the operator's words: title, welcome, guidelines, contact, examples, categories",
        unset="`arena.yaml` beside the catalog, if there is one",
    )
    host: str = _setting("127.0.0.1", "the address that the page listens on")
    port: _Port = _setting(7860, "the port that the page listens on")
    admin_password: str | None = _setting(
        None, "required when others can reach the page", unset="generated once, printed"
    )
    open_annotators: _OptionalSwitch = _setting(
        None,
        "whether anybody may vote without signing in",
        unset="`true` on loopback, else `false`",
    )
    session_hours: _Duration = _setting(24.0 * 14, "how long a session lasts")
    leaderboard_visible: Annotated[Visibility, Expected("admins, annotators or public")] = _setting(
        Visibility.ANNOTATORS,
        "who may see it: `admins`, `annotators` or `public`; admins alone while a campaign is open",
    )
    reveal_pace: Annotated[RevealPace, Expected("together or complete")] = _setting(
        RevealPace.TOGETHER,
        "`complete` shows answers when both are done: for models of very different speed",
    )
    reading_pace: _Duration = _setting(
        150.0,
        "characters a second at which an answer goes on at least once the other has ended",
    )
    reveal: Annotated[RevealPolicy | None, Expected("after_vote or never")] = _setting(
        None,
        "when annotators learn which models answered: `after_vote` or `never`",
        unset="`reveal` of `arena.yaml`, else `after_vote`",
    )
    ask_reasons: _Switch = _setting(
        default=False, description="ask for reasons and a comment before a vote is submitted"
    )
    conversation_limit: _Limit = _setting(
        None,
        "longest conversation, in characters: prompts and the longer answer of each turn",
        unset="what the smallest context holds, at 3 characters a token",
    )
    prompt_limit: _Limit = _setting(
        None, "longest single prompt, in characters", unset="the conversation limit"
    )
    reattach_seconds: _Duration = _setting(
        15.0, "how long a battle goes on generating after its tab was closed"
    )
    abandon_hours: _Duration = _setting(24.0, "when an unfinished battle is closed")
    metrics_token: str | None = _setting(
        None, "bearer token for `/metrics`, besides an admin's session"
    )
    secure_cookies: _Switch = _setting(default=False, description="set to `true` behind TLS")
    allowed_hosts: _HostNames = _setting(
        (),
        "names besides `localhost` that the page answers to, without port, separated by commas; "
        "`*` for all",
    )
    guests_per_address: _Rates = _setting(
        "200/minute;600/hour", "new guests from one network address"
    )
    turns_per_address: _Rates = _setting(
        "400/minute", "prompts sent, retried or continued from one address"
    )
    votes_per_address: _Rates = _setting("200/minute;3000/hour", "votes from one address")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take arguments alone: what the process inherits must not change `Settings()`."""
        return (init_settings,)

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the page."""
        return is_loopback(self.host)

    @property
    def host_in_addresses(self) -> str:
        """The host as web addresses write it: IPv6 in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def anybody_may_annotate(self) -> bool:
        """Open annotator mode: the default on loopback, a decision elsewhere."""
        return self.loopback if self.open_annotators is None else self.open_annotators


def load_settings(environment: Mapping[str, str], **flags: Any) -> Settings:
    """Return settings from the environment; a flag that is not None wins over its variable.

    Raises:
        SettingsError: Naming every unknown variable and every value that cannot be read, or saying
            that the page would be open to other machines without an admin password of the
            operator's own.
    """
    ours = {
        variable: text
        for variable, text in environment.items()
        if variable.startswith(PREFIX) and variable not in _FOREIGN
    }
    values = _values(ours)
    if faults := _unknown(ours) + _unreadable(values, ours):
        raise SettingsError("\n".join(faults))
    given = {name: value for name, value in flags.items() if value is not None}
    settings = Settings(**(values | given))
    _refuse_defaults_in_public(settings)
    return settings


def _values(variables: Mapping[str, str]) -> dict[str, Any]:
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): text.strip() for name, text in variables.items()}
    return source()


def _unknown(variables: Mapping[str, str]) -> list[str]:
    faults = []
    for variable in variables:
        name = variable.removeprefix(PREFIX).lower()
        if name not in Settings.model_fields:
            nearest = difflib.get_close_matches(name, Settings.model_fields, n=1)
            hint = f": did you mean {PREFIX}{nearest[0].upper()}?" if nearest else ""
            faults.append(f"{variable} is not a setting{hint}")
    return faults


def _unreadable(values: Mapping[str, Any], variables: Mapping[str, str]) -> list[str]:
    try:
        Settings(**values)
    except ValidationError as error:
        wrong = {str(fault["loc"][0]) for fault in error.errors()}
    else:
        return []
    return [
        f"{variable}={text!r} cannot be read: expected {_expected(name)}"
        for variable, text in variables.items()
        if (name := variable.removeprefix(PREFIX).lower()) in wrong
    ]


def _expected(name: str) -> str:
    (expected,) = (
        note.words for note in Settings.model_fields[name].metadata if isinstance(note, Expected)
    )
    return expected


def _refuse_defaults_in_public(settings: Settings) -> None:
    if not settings.loopback and not settings.admin_password:
        raise SettingsError(
            f"the page would be reachable from other machines ({settings.host}): set "
            "ARENA_ADMIN_PASSWORD first, or listen on 127.0.0.1"
        )
