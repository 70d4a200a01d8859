"""Personal data in texts, found by rules: a list for a person to look at, never a filter."""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

_AROUND = 40
"""Characters of context on either side."""


class PersonalKind(StrEnum):
    """What may identify or harm somebody."""

    EMAIL = "email"
    PHONE = "phone"
    KEY = "key"
    NAME = "name"


class Screened(NamedTuple):
    """What a rule found in a text, and where: characters from `start` to `end`."""

    kind: PersonalKind
    found: str
    start: int
    end: int


_KEYS = (
    r"sk-[A-Za-z0-9_-]{16,}",
    r"gh[pousr]_[A-Za-z0-9]{20,}",
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"hf_[A-Za-z0-9]{20,}",
    r"glpat-[A-Za-z0-9_-]{16,}",
    r"xox[abprs]-[A-Za-z0-9-]{10,}",
    r"AKIA[0-9A-Z]{16}",
    r"AIza[0-9A-Za-z_-]{30,}",
    r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}",
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----",
    r"(?i:bearer) [A-Za-z0-9._~+/-]{20,}",
)
_PHONES = (
    r"\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,5}",  # with the code of a country
    r"\(?0\d{1,4}\)?[ /.-]?\d{3,4}[ .-]?\d{3,5}",  # within one
    r"\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}",  # in North America
    r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}",  # a mobile in China
)
_WORD = r"[A-Z\u00c0-\u00dd][\w\u2019'-]{1,30}"
_NAME = rf"{_WORD}(?: {_WORD}){{0,2}}"
_CHINESE = r"[\u4e00-\u9fff]{2,4}"

_RULES: Mapping[PersonalKind, re.Pattern[str]] = {
    PersonalKind.EMAIL: re.compile(
        r"(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![A-Za-z])"
    ),
    PersonalKind.PHONE: re.compile(
        rf"(?<![A-Za-z0-9_.+-])(?:{'|'.join(_PHONES)})(?![A-Za-z0-9_-]|\.\d)"
    ),
    PersonalKind.KEY: re.compile(rf"(?<![\w-])(?:{'|'.join(_KEYS)})"),
    PersonalKind.NAME: re.compile(
        rf"\b(?:Mr|Mrs|Ms|Dr|Prof)\b\.? {{0,2}}{_NAME}"
        rf"|\b(?i:my name is|i am called|my name's) {_NAME}"
        rf"|(?:我叫|我的名字[是叫]|我姓|姓名[:：是] ?){_CHINESE}"
    ),
}


def screened(text: str) -> Iterator[Screened]:
    """Yield what the rules find, by kind and then place. Rules miss much and find too much."""
    for kind, rule in _RULES.items():
        for match in rule.finditer(text):
            yield Screened(kind, match.group(), match.start(), match.end())


def context(text: str, found: Screened) -> str:
    """Return what stands around a finding, on one line."""
    before = text[max(0, found.start - _AROUND) : found.start]
    return " ".join((before + text[found.start : found.end + _AROUND]).split())


class Listed(NamedTuple):
    """A line of the list: where something was found, and what."""

    table: str
    id: str
    kind: PersonalKind
    found: str
    context: str


def listed(texts: Iterable[tuple[str, str, str]]) -> Iterator[Listed]:
    """Yield the findings in texts, each a table, an id and what stands there."""
    for table, number, text in texts:
        for one in screened(text):
            yield Listed(table, number, one.kind, one.found, context(text, one))
