"""Names for imported things that come out the same whenever the same file is read again."""

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Collection

from arena.catalog.rules import KEY_PATTERN
from arena.services.importing.formats import VoteFormat

_DIGITS = 32
_PSEUDONYM_DIGITS = 12
_NOT_IN_KEYS = re.compile(r"[^a-z0-9._-]+")


def external_battle_id(source: VoteFormat, *parts: str | int) -> str:
    """Return the id of an imported battle from what distinguishes it in its file."""
    text = json.dumps([source.value, *parts], ensure_ascii=False)
    return f"external:{source.value}:{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"


def pseudonym(key: bytes, address: str) -> str:
    """Return a name for the voter at an address that cannot be traced back without the key."""
    digest = hmac.new(key, address.encode(), hashlib.sha256).hexdigest()
    return f"visitor-{digest[:_PSEUDONYM_DIGITS]}"


def fingerprint_of(source: VoteFormat, name: str) -> str:
    """Return a fingerprint for a model of which a file tells only the name."""
    text = json.dumps({"imported_from": source.value, "name": name}, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def model_key(name: str) -> str:
    """Return a catalog key like the name: `GPT 4` gives `gpt-4`, a valid key gives itself.

    Where Latin letters cannot say the name, four digits of a hash tell it: `model-9e20`.
    """
    if KEY_PATTERN.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name.strip()).replace("+", "-plus")
    latin = plain.encode("ascii", "ignore").decode().lower()
    key = re.sub("-{2,}", "-", _NOT_IN_KEYS.sub("-", latin)).strip("-._")
    if name.isascii() and key:
        return key
    return f"{key or 'model'}-{hashlib.sha256(name.encode()).hexdigest()[:4]}"


def free_key(wanted: str, source: VoteFormat, taken: Collection[str]) -> str:
    """Return the wanted key, or a free one like it: `gpt-4.llmfao`, then `gpt-4.llmfao-2`."""
    number, key = 1, wanted
    while key in taken:
        key = f"{wanted}.{source.value}" + (f"-{number}" if number > 1 else "")
        number += 1
    return key
