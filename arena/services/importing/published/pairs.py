"""What annotation tools call the parts of a pair, whose fields every project names itself."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns, Record
from arena.services.importing.messages import text_of
from arena.services.importing.rows import ImportedTurn

COLUMNS = Columns(
    required=("model_a", "model_b", "prompt", "response_a", "response_b"),
    optional=("verdict", "category"),
)
_KNOWN: Mapping[str, Sequence[str]] = {
    "prompt": ("prompt", "instruction", "input", "question"),
    "response_a": ("answer1", "response1", "reply1", "text1", "output1", "answera", "responsea"),
    "response_b": ("answer2", "response2", "reply2", "text2", "output2", "answerb", "responseb"),
    "model_a": ("modela", "model1", "generator1", "leftmodel", "answer1model", "response1model"),
    "model_b": ("modelb", "model2", "generator2", "rightmodel", "answer2model", "response2model"),
}
"""Usual names of our columns, in small letters and without - and _."""

WORDS = {
    **dict.fromkeys(("left", "a", "1", "modela", "responsea", "answera"), Verdict.A_BETTER),
    **dict.fromkeys(("right", "b", "2", "modelb", "responseb", "answerb"), Verdict.B_BETTER),
    **dict.fromkeys(("response1", "answer1", "reply1", "text1", "output1"), Verdict.A_BETTER),
    **dict.fromkeys(("response2", "answer2", "reply2", "text2", "output2"), Verdict.B_BETTER),
    **dict.fromkeys(("tie", "equal", "bothequal", "bothgood", "same"), Verdict.TIE),
    **dict.fromkeys(("bothbad", "neither"), Verdict.BOTH_BAD),
}
"""Answers to the question which one is better, in small letters and without spaces, - and _."""

_JOINTS = re.compile(r"[\s_-]+")


def plain(name: str) -> str:
    """Return a name in small letters and without spaces, hyphens and underscores."""
    return _JOINTS.sub("", name).lower()


def pair_fields(line: int, cells: Mapping[str, Any], columns: Columns) -> Fields:
    """Return the cells of a pair by our names, whatever usual names the project gave them."""
    usual = {plain(name): name for name in reversed([*cells])}
    renamed = {
        ours: usual[known]
        for ours, names in _KNOWN.items()
        if (known := next((name for name in (plain(ours), *names) if name in usual), None))
    }
    told = {ours: name for ours, name in columns.renamed.items() if ours in COLUMNS.names}
    return Fields(Record(line, cells), COLUMNS.called({**renamed, **told}))


def turn_of(pair: Fields) -> ImportedTurn:
    """Return the one turn of a pair; a prompt may also be a list of messages."""
    asked = pair.raw("prompt")
    if isinstance(asked, list):
        asked = _last_of_user(asked)
    prompt = asked if isinstance(asked, str) else pair.text("prompt")
    return ImportedTurn(prompt, (pair.text("response_a"), pair.text("response_b")))


def verdict_of(pair: Fields, word: str) -> Verdict | None:
    """Return what an answer says; a fault of the pair for a word that is not known."""
    if not word.strip():
        return None
    verdict = WORDS.get(plain(word))
    if verdict is None:
        pair.fault("verdict", f"the answer {word!r} is unknown: use {known_words()}")
    return verdict


def known_words() -> str:
    """Return some of the words that answers may be."""
    return "left, right, tie or both_bad"


def _last_of_user(messages: Iterable[Any]) -> str:
    said = [one for one in messages if isinstance(one, dict) and one.get("role") == "user"]
    return (text_of(said[-1].get("content")) or "") if said else ""
