"""Keeps control tokens out of what people and models write.

A tokenizer turns `<|im_end|>` into the real end-of-turn token wherever it stands, so a prompt that
contains it could end its own turn and speak as the model. A zero-width joiner after the first
character makes it ordinary text again: it looks the same to a reader, and it cannot complete
another control token because none contains it. Only the rendered prompt is changed, never the text
that is stored or shown.
"""

import re
import string
from collections.abc import Iterable
from typing import Final

ZERO_WIDTH_JOINER: Final = "\u200d"
_BLANK: Final = f"{string.whitespace}▁"
"""White space, and SentencePiece's sign for it."""


def neutralise(text: str, special_tokens: Iterable[str]) -> str:
    """Return text in which none of the special tokens occurs; unchanged when none did.

    Tokens of one character cannot be split and are left alone. So is white space: some tokenizers
    have tokens for runs of it, which end no turn, and no text may lose its blank lines to them.
    """
    splittable = {
        token
        for token in special_tokens
        if len(token) > 1 and ZERO_WIDTH_JOINER not in token and token.strip(_BLANK)
    }
    if not splittable:
        return text
    longest_first = sorted(splittable, key=lambda token: (-len(token), token))
    pattern = re.compile("|".join(re.escape(token) for token in longest_first))
    while pattern.search(text):  # again: splitting one token may uncover another that overlaps it
        text = pattern.sub(_split, text)
    return text


def _split(match: re.Match[str]) -> str:
    token = match.group()
    return f"{token[0]}{ZERO_WIDTH_JOINER}{token[1:]}"
