"""Catalogs of scripted models, and prompts that choose among their replies."""

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

from arena.domain.conversation import Message, Role
from arena.inference.scripted_backend import scripted_reply


def scripted_model(name: str, *replies: str, **row: Any) -> dict[str, Any]:
    """A catalog row: `script` holds more keys of the script, other keywords those of the row."""
    script = {"replies": list(replies), **row.pop("script", {})}
    return {"name": name, "backend": "scripted", "max_context": 4096, **row, "script": script}


def catalog(**models: dict[str, Any]) -> str:
    """The text of a `models.yaml`; every JSON document is YAML."""
    return json.dumps({"models": models}, ensure_ascii=False)


def prompt_for(replies: Sequence[str], wanted: str, start: str = "Tell me more") -> str:
    """A first prompt to which a model with these replies answers `wanted`."""
    for number in count():
        prompt = f"{start} ({number})."
        if scripted_reply(replies, (Message(Role.USER, prompt),)) == wanted:
            return prompt
    raise AssertionError
