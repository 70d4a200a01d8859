"""What a setting may be, and how its text is read."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from arena.domain.addresses import read_networks

_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_ROOT_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+")
_HEADER_NAME = re.compile(r"[a-z0-9-]+")


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


def _root_path(value: object) -> object:
    if isinstance(value, str) and value not in {"", "/"} and not _ROOT_PATH.fullmatch(value):
        raise ValueError(value)
    return "" if value == "/" else value


def _networks(value: object) -> object:
    return read_networks(value) if isinstance(value, str) else value


def _header_name(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _HEADER_NAME.fullmatch(value.lower()):
        raise ValueError(value)
    return value.lower()


def _rates(value: object) -> object:
    from limits import parse_many  # late: it takes a tenth of a second, and few need it

    if isinstance(value, str):
        parse_many(value)  # raises ValueError
    return value


Port = Annotated[int, Field(ge=0, le=65535), Expected("a port from 0 to 65535")]
Limit = Annotated[int | None, Field(ge=1), Expected("a whole number from 1 up")]
Duration = Annotated[float, Field(gt=0, allow_inf_nan=False), Expected("a number above 0")]
Wait = Annotated[float, Field(ge=0, allow_inf_nan=False), Expected("a number from 0 up")]
Switch = Annotated[bool, Expected("true or false")]
OptionalSwitch = Annotated[bool | None, Expected("true or false")]
HostNames = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_host_names),
    Expected("names without port, separated by commas: arena.example.org,arena"),
]
RootPath = Annotated[
    str, BeforeValidator(_root_path), Expected("a path without a slash at its end: /lab7")
]
Networks = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_networks),
    Expected("addresses or networks, separated by commas: 127.0.0.1,10.0.0.0/8"),
]
HeaderName = Annotated[
    str | None,
    BeforeValidator(_header_name),
    Expected("the name of a header: X-Forwarded-User"),
]
Rates = Annotated[
    str,
    BeforeValidator(_rates),
    Expected("one or more rates: 100/minute, or 200/minute;600/hour"),
]
