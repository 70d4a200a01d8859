"""A campaign as JSON: what is stored of its file, and the fingerprint of all of it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from arena.domain.campaign import Campaign


def document_of(campaign: Campaign) -> dict[str, Any]:
    """Return a campaign without its prompts and check items, which have tables of their own."""
    return _dumped(replace(campaign, prompts=(), check_items=()), in_full=True)


def terms_of(document: Mapping[str, Any]) -> Campaign:
    """Return the campaign of a stored document: its prompts and check items are empty."""
    return _adapter().validate_python(document)


def fingerprint_of(campaign: Campaign) -> str:
    """Return the SHA-256 of the whole campaign, in hexadecimal digits.

    What stands at its default is left out: a key that a later version brings must not give the
    campaigns of before another fingerprint, or they would be new versions, and their archives
    refused.
    """
    told = json.dumps(_dumped(campaign, in_full=False), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def differing_parts(one: Campaign, other: Campaign) -> Iterator[str]:
    """Yield the keys of the campaign file that never change once it is stored, and differ."""
    fixed = {
        "prompts": (one.prompts, other.prompts),
        "models": (one.models, other.models),
        "protocol.kind": (one.protocol.kind, other.protocol.kind),
        "protocol.pairs_per_prompt": (
            one.protocol.pairs_per_prompt,
            other.protocol.pairs_per_prompt,
        ),
        "check_items": (one.check_items, other.check_items),
        "repeats": (one.repeats, other.repeats),
    }
    yield from (name for name, (left, right) in fixed.items() if left != right)


def _dumped(campaign: Campaign, *, in_full: bool) -> dict[str, Any]:
    dumped: dict[str, Any] = _adapter().dump_python(
        campaign, mode="json", exclude_defaults=not in_full
    )
    return dumped


@cache
def _adapter() -> TypeAdapter[Campaign]:
    return TypeAdapter(Campaign)
