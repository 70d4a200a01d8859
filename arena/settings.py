"""Settings from `ARENA_*` environment variables, checked once at the start."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from arena.domain.visibility import Visibility

PREFIX = "ARENA_"
_FOREIGN = frozenset({"ARENA_ENGINE_TOKEN"})
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")


class RevealPace(StrEnum):
    """How answers appear: growing together, or all at once when all are done."""

    TOGETHER = "together"
    COMPLETE = "complete"


class SettingsError(ValueError):
    """One or more settings are wrong; the message names each and says what to change."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Every setting of an arena. A field `x` is read from `ARENA_X`."""

    database_url: str = "sqlite:///db/arena.sqlite3"
    models: Path = Path("models.yaml")
    host: str = "127.0.0.1"
    port: int = 7860
    admin_password: str | None = None
    open_annotators: bool | None = None
    session_hours: float = 24 * 14
    leaderboard_visible: Visibility = Visibility.ANNOTATORS
    reveal_pace: RevealPace = RevealPace.TOGETHER
    ask_reasons: bool = False
    prompt_limit: int | None = None
    conversation_limit: int | None = None
    reattach_seconds: float = 15.0
    abandon_hours: float = 24.0
    metrics_token: str | None = None
    secure_cookies: bool = False
    allowed_hosts: tuple[str, ...] = ()
    guests_per_address: str = "200/minute;600/hour"
    turns_per_address: str = "400/minute"
    votes_per_address: str = "200/minute;3000/hour"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the page."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def host_in_addresses(self) -> str:
        """The host as web addresses write it: IPv6 in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def anybody_may_annotate(self) -> bool:
        """Open annotator mode: the default on loopback, a decision elsewhere."""
        return self.loopback if self.open_annotators is None else self.open_annotators


def load_settings(environment: Mapping[str, str], **flags: Any) -> Settings:
    """Settings from the environment; a flag that is not None wins over its variable.

    Raises `SettingsError` naming every unknown variable and every value that cannot be read, and
    when the page would be open to other machines without an admin password of the operator's own.
    """
    faults: list[str] = []
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if variable.startswith(PREFIX) and variable not in _FOREIGN:
            _read(variable, text, values, faults)
    values |= {name: value for name, value in flags.items() if value is not None}
    if faults:
        raise SettingsError("\n".join(faults))
    settings = Settings(**values)
    _refuse_defaults_in_public(settings)
    return settings


def _read(variable: str, text: str, values: dict[str, Any], faults: list[str]) -> None:
    name = variable.removeprefix(PREFIX).lower()
    if name not in _READERS:
        nearest = difflib.get_close_matches(name, _READERS, n=1)
        hint = f": did you mean {PREFIX}{nearest[0].upper()}?" if nearest else ""
        faults.append(f"{variable} is not a setting{hint}")
        return
    try:
        values[name] = _READERS[name](text.strip())
    except ValueError:
        faults.append(f"{variable}={text!r} cannot be read: expected {_EXPECTED[name]}")


def _refuse_defaults_in_public(settings: Settings) -> None:
    if not settings.loopback and not settings.admin_password:
        raise SettingsError(
            f"the page would be reachable from other machines ({settings.host}): set "
            "ARENA_ADMIN_PASSWORD first, or listen on 127.0.0.1"
        )


def _boolean(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError(text)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError(text)
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise ValueError(text)
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _host_names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    if not names or not all(name == "*" or _HOST_NAME.fullmatch(name) for name in names):
        raise ValueError(text)
    return names


def _rate(text: str) -> str:
    from limits import parse_many  # late: it takes a tenth of a second, and few need it

    parse_many(text)  # raises ValueError
    return text


_READERS: Mapping[str, Callable[[str], Any]] = {
    "database_url": str,
    "models": Path,
    "host": str,
    "port": _port,
    "admin_password": str,
    "open_annotators": _boolean,
    "session_hours": _positive,
    "leaderboard_visible": Visibility,
    "reveal_pace": RevealPace,
    "ask_reasons": _boolean,
    "prompt_limit": _count,
    "conversation_limit": _count,
    "reattach_seconds": _positive,
    "abandon_hours": _positive,
    "metrics_token": str,
    "secure_cookies": _boolean,
    "allowed_hosts": _host_names,
    "guests_per_address": _rate,
    "turns_per_address": _rate,
    "votes_per_address": _rate,
}

_RATES = "one or more rates: 100/minute, or 200/minute;600/hour"

_EXPECTED: Mapping[str, str] = {
    "port": "a port from 0 to 65535",
    "open_annotators": "true or false",
    "session_hours": "a number above 0",
    "leaderboard_visible": "admins, annotators or public",
    "reveal_pace": "together or complete",
    "ask_reasons": "true or false",
    "prompt_limit": "a whole number from 1 up",
    "conversation_limit": "a whole number from 1 up",
    "reattach_seconds": "a number above 0",
    "abandon_hours": "a number above 0",
    "secure_cookies": "true or false",
    "allowed_hosts": "names without port, separated by commas: arena.example.org,arena",
    "guests_per_address": _RATES,
    "turns_per_address": _RATES,
    "votes_per_address": _RATES,
}
"""What to write for a setting that not every text is good for."""

assert set(_READERS) == {field.name for field in fields(Settings)}  # noqa: S101 - at import, for us
