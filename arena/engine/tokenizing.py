"""Text to token ids, without the tokenizer's own additions."""

from typing import Any


def text_ids(tokenizer: Any, text: str, *, plain: bool) -> list[int]:
    """Tokenise text as it is; `plain` reads no control tokens in it.

    Tokenizers written in Python are asked for their pieces only: old ones that override padding
    (ChatGLM2's) fail when they are called as a whole, even if nothing is to be padded.
    """
    if tokenizer.is_fast:
        encoded = tokenizer(
            text, add_special_tokens=False, split_special_tokens=plain, verbose=False
        )
        return list(encoded["input_ids"])
    pieces = tokenizer.tokenize(text, split_special_tokens=plain)
    return list(tokenizer.convert_tokens_to_ids(pieces))


def begins_with_bos(tokenizer: Any) -> bool:
    """Whether the tokenizer itself begins a text with its BOS."""
    if tokenizer.bos_token_id is None:
        return False
    if tokenizer.is_fast:
        ids = tokenizer("a", verbose=False)["input_ids"]
    else:
        ids = tokenizer.build_inputs_with_special_tokens(text_ids(tokenizer, "a", plain=True))
    return bool(ids) and ids[0] == tokenizer.bos_token_id
