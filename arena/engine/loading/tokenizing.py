"""Text to token ids, without the tokenizer's own additions."""

from functools import partial
from pathlib import Path
from typing import Any, Protocol

from arena.catalog import ModelRow
from arena.checkpoints.tokenizer_files import tokenizer_files
from arena.engine.loading.sentencepieces import sentencepiece_encoder
from arena.prompting import PromptFormatError


class TextEncoder(Protocol):
    """Turns text into token ids, without the tokenizer's own additions."""

    def __call__(self, text: str, *, plain: bool) -> list[int]:
        """Return the ids of a text; `plain` reads no control tokens in it."""
        ...


def text_encoder(tokenizer: Any, row: ModelRow) -> TextEncoder:
    """Return what gives the ids that a row's model was trained on.

    Raises PromptFormatError where the row's `legacy_tokenizer` cannot be had.
    """
    legacy = known_legacy(row)
    own = sentencepiece_encoder(tokenizer, legacy=legacy is not False)
    if own is not None:
        return own
    encoder = partial(text_ids, tokenizer)
    if row.legacy_tokenizer is not None:
        _demand_legacy(tokenizer, encoder, wanted=row.legacy_tokenizer)
    return encoder


def known_legacy(row: ModelRow) -> bool | None:
    """Return a row's `legacy`, else what the checkpoint says; None where nothing does.

    A checkpoint that says nothing and has no `tokenizer.json` is of 2023, when transformers took
    True.
    """
    source = Path(row.resolved_source())
    if row.legacy_tokenizer is not None or not source.is_absolute():
        return row.legacy_tokenizer
    files = tokenizer_files(source)
    return None if files is None else files.legacy


def _demand_legacy(tokenizer: Any, encoder: TextEncoder, *, wanted: bool) -> None:
    control = tokenizer.bos_token or tokenizer.eos_token
    if not control:
        return
    after = encoder(f"{control}a", plain=False)[1:2]
    spaced = "".join(tokenizer.convert_ids_to_tokens(after)).startswith("▁")
    if spaced is not wanted:
        raise PromptFormatError(
            f"legacy_tokenizer: {str(wanted).lower()} changes nothing here, because the "
            "checkpoint's tokenizer.json decides how texts are cut: remove the key"
        )


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
    """Return whether the tokenizer itself begins a text with its BOS."""
    if tokenizer.bos_token_id is None:
        return False
    if tokenizer.is_fast:
        ids = tokenizer("a", verbose=False)["input_ids"]
    else:
        ids = tokenizer.build_inputs_with_special_tokens(text_ids(tokenizer, "a", plain=True))
    return bool(ids) and ids[0] == tokenizer.bos_token_id
