"""docs/engine.md names every field of a request: the honoured, the refused and the ignored."""

import re
from pathlib import Path

import pytest

from arena.engine.requests import ChatBody, CompletionBody, StreamOptions
from arena.engine.unsupported import IGNORED, UNSUPPORTED
from arena.engine.wire_messages import IGNORED_OF_A_MESSAGE

DOCUMENT = (Path(__file__).parents[3] / "docs/engine.md").read_text(encoding="utf-8")
LISTS = {
    "Honoured": {*ChatBody.model_fields, *CompletionBody.model_fields},
    "Refused": UNSUPPORTED | {"continuous_usage_stats"},
    "Ignored": IGNORED | IGNORED_OF_A_MESSAGE | {"include_obfuscation"},
}


@pytest.mark.parametrize("kind", LISTS)
def test_every_field_stands_in_its_list(kind: str) -> None:
    (line,) = re.findall(rf"^- \*\*{kind}\*\*(.*?)(?=^- |^$)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`(\w+)`", line)) == LISTS[kind]


def test_no_field_is_treated_in_two_ways() -> None:
    assert not LISTS["Honoured"] & LISTS["Refused"]
    assert not IGNORED & (LISTS["Honoured"] | LISTS["Refused"])
    assert set(StreamOptions.model_fields) <= {
        "include_usage",
        "include_obfuscation",
        "continuous_usage_stats",
    }
