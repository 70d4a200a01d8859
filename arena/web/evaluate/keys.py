"""The rows of the list of keys: what each key does on this page, and nothing that it does not."""

from dataclasses import dataclass

from arena.domain.battle import slot_letter
from arena.web.common.markup import Words

GUIDELINES_KEY = "J"
"""None of A to H, which go to the answers of a ranking."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """Keys as they are written on a keyboard, and what they do."""

    keys: tuple[str, ...]
    words: str


def keys_of_item(
    texts: Words, *, ranked: bool, slots: int, verdicts: int, guidelines: bool
) -> tuple[KeyRow, ...]:
    """Return the keys of an item that is to be judged, by verdict or by ranks."""
    letters = tuple(slot_letter(slot) for slot in range(slots))
    judging = (
        (_row(texts, "rank", *_digits(slots)), _row(texts, "focus", *letters))
        if ranked
        else (_row(texts, "verdict", *_digits(verdicts)),)
    )
    return (*judging, _row(texts, "submit", "Enter"), *_always(texts, guidelines=guidelines))


def keys_of_saved(
    texts: Words, *, revisable: bool, guidelines: bool, over: bool
) -> tuple[KeyRow, ...]:
    """Return the keys of an item that was judged, perhaps in a campaign that is over."""
    onward = "back" if over else "next"
    undo = (_row(texts, "undo", "U"),) if revisable else ()
    return (_row(texts, onward, "Enter"), *undo, *_always(texts, guidelines=guidelines))


def _always(texts: Words, *, guidelines: bool) -> tuple[KeyRow, ...]:
    opens = (_row(texts, "guidelines", GUIDELINES_KEY),) if guidelines else ()
    return (*opens, _row(texts, "help", "?"))


def _row(texts: Words, name: str, *keys: str) -> KeyRow:
    return KeyRow(keys, texts[f"evaluate.keys.{name}"])


def _digits(last: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, last + 1))
