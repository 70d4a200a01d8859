"""Settings from `ARENA_*` environment variables, checked once at the start."""

import difflib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from arena.domain.addresses import ANY_ADDRESS, is_loopback
from arena.domain.exposure import weak_secrets
from arena.domain.pairing import Pairing
from arena.domain.reveal import RevealPolicy
from arena.domain.visibility import Visibility
from arena.setting_values import (
    Duration,
    Expected,
    HeaderName,
    HostNames,
    Limit,
    Networks,
    OptionalSwitch,
    Port,
    Rates,
    RootPath,
    Switch,
    Wait,
)

PREFIX = "ARENA_"
_FOREIGN = frozenset({"ARENA_ENGINE_TOKEN"})
_UVICORNS = "FORWARDED_ALLOW_IPS"

NO_DEFAULTS: Mapping[str, Any] = MappingProxyType({})

T = TypeVar("T")


class RevealPace(StrEnum):
    """How answers appear: growing together, or all at once when all are done."""

    TOGETHER = "together"
    COMPLETE = "complete"


class LogFormat(StrEnum):
    """How a log is written: in words for people, or as an object of JSON a line."""

    TEXT = "text"
    JSON = "json"


class SettingsError(ValueError):
    """One or more settings are wrong; the message names each and says what to change."""


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
    port: Port = _setting(7860, "the port that the page listens on")
    root_path: RootPath = _setting(
        "", "the path below which a proxy shows the arena, such as `/lab7`", unset="none"
    )
    admin_password: str | None = _setting(
        None, "required when others can reach the page", unset="generated once, printed"
    )
    open_annotators: OptionalSwitch = _setting(
        None,
        "whether anybody may vote without signing in",
        unset="`true` where only this machine can reach the page, else `false`",
    )
    session_hours: Duration = _setting(24.0 * 14, "how long a session lasts")
    leaderboard_visible: Annotated[Visibility, Expected("admins, annotators or public")] = _setting(
        Visibility.ANNOTATORS,
        "who may see it: `admins`, `annotators` or `public`; admins alone while a campaign is open",
    )
    reveal_pace: Annotated[RevealPace, Expected("together or complete")] = _setting(
        RevealPace.TOGETHER,
        "`complete` shows answers when both are done: for models of very different speed",
    )
    reading_pace: Duration = _setting(
        150.0,
        "characters a second at which an answer goes on at least once the other has ended",
    )
    reveal: Annotated[RevealPolicy | None, Expected("after_vote or never")] = _setting(
        None,
        "when annotators learn which models answered: `after_vote` or `never`",
        unset="`reveal` of `arena.yaml`, else `after_vote`",
    )
    pairing: Annotated[Pairing, Expected("uniform or informed")] = _setting(
        Pairing.UNIFORM,
        "how models are drawn: `uniform`, or `informed`, the pairs of which votes tell most",
    )
    ask_reasons: Switch = _setting(
        default=False, description="ask for reasons and a comment before a vote is submitted"
    )
    conversation_limit: Limit = _setting(
        None,
        "longest conversation, in characters: prompts and the longer answer of each turn",
        unset="what the smallest context holds, at 3 characters a token",
    )
    prompt_limit: Limit = _setting(
        None, "longest single prompt, in characters", unset="the conversation limit"
    )
    reattach_seconds: Duration = _setting(
        15.0, "how long a battle goes on generating after its tab was closed"
    )
    abandon_hours: Duration = _setting(24.0, "when an unfinished battle is closed")
    shutdown_seconds: Wait = _setting(
        20.0, "how long a shutdown waits for answers that are being written"
    )
    log_format: Annotated[LogFormat, Expected("text or json")] = _setting(
        LogFormat.TEXT, "how the log is written: `text`, or `json` for one object a line"
    )
    log_prompts: Switch = _setting(
        default=False, description="whether the log holds what annotators write"
    )
    metrics_token: str | None = _setting(
        None, "bearer token for `/metrics`, besides an admin's session"
    )
    secure_cookies: Switch = _setting(default=False, description="set to `true` behind TLS")
    allowed_hosts: HostNames = _setting(
        (),
        "names besides `localhost` that the page answers to, without port, separated by commas; "
        "`*` for all",
    )
    trusted_proxies: Networks = _setting(
        (),
        "addresses or networks of the proxies in front, separated by commas: what they say of "
        "their clients is believed",
        unset="this machine",
    )
    sign_on_header: HeaderName = _setting(
        None,
        "header in which a trusted proxy names who has signed in there (single sign-on)",
    )
    guests_per_address: Rates = _setting(
        "200/minute;600/hour", "new guests from one network address"
    )
    turns_per_address: Rates = _setting(
        "400/minute", "prompts sent, retried or continued from one address"
    )
    votes_per_address: Rates = _setting("200/minute;3000/hour", "votes from one address")
    turns_per_person: Rates = _setting(
        "60/minute;600/hour", "prompts sent, retried or continued by one annotator"
    )
    votes_per_person: Rates = _setting("60/minute;600/hour", "votes of one annotator")

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
        """Open annotator mode: the default on this machine alone, a decision elsewhere."""
        return not self.reached if self.open_annotators is None else self.open_annotators

    @property
    def reached(self) -> str:
        """How others reach the page, by a setting; empty where only this machine does."""
        if not self.loopback:
            return self.host
        told = ("allowed_hosts", "trusted_proxies", "sign_on_header", "secure_cookies")
        return next((f"{PREFIX}{name.upper()}" for name in told if getattr(self, name)), "")


def load_settings(
    environment: Mapping[str, str], *, defaults: Mapping[str, Any] = NO_DEFAULTS, **flags: Any
) -> Settings:
    """Return settings from the environment; a flag that is not None wins over its variable.

    `defaults` stand in for the default values of settings that nobody gives.

    Raises:
        SettingsError: Naming every unknown variable and every value that cannot be read, or saying
            what is left to set before others may reach the page.
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
    settings = Settings(**(dict(defaults) | values | given))
    if faults := [*_secret_faults(settings), *_proxy_faults(settings, environment)]:
        raise SettingsError("\n".join(faults))
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


def _secret_faults(settings: Settings) -> Iterator[str]:
    return weak_secrets(
        reached=settings.reached,
        admin_password=settings.admin_password,
        metrics_token=settings.metrics_token,
    )


def _proxy_faults(settings: Settings, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what would make the arena believe the wrong ones, or nobody."""
    named = settings.trusted_proxies
    if environment.get(_UVICORNS) and not named:
        yield f"{_UVICORNS} is not read any more: name the proxies in {PREFIX}TRUSTED_PROXIES"
    if settings.sign_on_header and (not named or ANY_ADDRESS in named):
        yield (
            f"{PREFIX}SIGN_ON_HEADER signs in whoever sends it: name the addresses of your "
            f"proxies, and no others, in {PREFIX}TRUSTED_PROXIES"
        )
