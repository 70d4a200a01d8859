"""The languages that a browser asks for, as `Accept-Language` says (RFC 9110, section 12.5.4)."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

_WEIGHT = r"(?:\s*;\s*q\s*=\s*(0(?:\.\d*)?|1(?:\.0*)?))?"
_RANGE = re.compile(r"(\*|[a-z]{1,8})(?:-[a-z0-9]{1,8})*" + _WEIGHT)
_ANY = "*"


class Preference(NamedTuple):
    """How much a language is wanted: by weight, and among equals by how early it was named."""

    weight: float
    earliness: float


_UNWANTED = Preference(0.0, -math.inf)


@dataclass(frozen=True, slots=True)
class AcceptedLanguages:
    """Preferences by ISO 639-1 code; `*` is any other language.

    Scripts and regions do not count: `zh` serves a reader of `zh-Hant` better than English does.
    """

    preferences: Mapping[str, Preference]

    @classmethod
    def parse(cls, header: str | None) -> "AcceptedLanguages":
        """Read a header; parts of it that are not well-formed are ignored."""
        preferences: dict[str, Preference] = {}
        for position, part in enumerate((header or "").lower().split(",")):
            found = _RANGE.fullmatch(part.strip())
            if found is not None:
                code, weight = found.groups(default="1")
                wanted = Preference(float(weight), -position) if float(weight) else _UNWANTED
                preferences[code] = max(wanted, preferences.get(code, wanted))
        return cls(preferences)

    def sorted(self, languages: Iterable[str], *, default: str) -> list[str]:
        """Return languages, the most wanted first; `default` leads those not asked for."""
        return sorted(
            languages, key=lambda code: (self._preference(code), code == default), reverse=True
        )

    def _preference(self, code: str) -> Preference:
        others = self.preferences.get(_ANY, _UNWANTED)
        return self.preferences.get(code, Preference(others.weight, -math.inf))
