"""Token ids as SentencePiece itself gives them, for checkpoints that bring only its model file.

transformers rebuilds such a tokenizer from the pieces: merges in the order of ids instead of
scores, without the normaliser, for some architectures without the space before the first word.
The text comes back the same from other ids, so nothing but the ids shows it. Here SentencePiece
encodes; control tokens, which it never reads in a text, are found around it.
"""

from pathlib import Path
from typing import Any, Final

from sentencepiece import SentencePieceProcessor, sentencepiece_model_pb2
from tokenizers import Tokenizer, decoders, models

from arena.checkpoints.tokenizer_files import TOKENIZER_JSON, is_sentencepiece

_ORDINARY: Final = 0
"""What the finder of control tokens calls every text that is none."""


class SentencePieceEncoder:
    """Encodes text around the control tokens of a checkpoint.

    `legacy` is the meaning that transformers gave the word in 2023: every part of the text between
    control tokens begins with the space that the model puts before a text; otherwise only the
    first one does.
    """

    def __init__(self, model: bytes, tokenizer: Any, *, legacy: bool) -> None:
        self._first = self._later = SentencePieceProcessor(model_proto=model)
        if not legacy:
            self._later = SentencePieceProcessor(model_proto=_without_space_before(model))
            if tokenizer.init_kwargs.get("add_prefix_space") is False:
                self._first = self._later
        self._controls = _finder(tokenizer, self._first)
        self._id_of = tokenizer.convert_tokens_to_ids

    def __call__(self, text: str, *, plain: bool) -> list[int]:
        """Return the ids of a text; `plain` reads no control tokens in it."""
        self._controls.encode_special_tokens = plain
        found = self._controls.encode(text, add_special_tokens=False)
        ids: list[int] = []
        for number, (begin, end) in zip(found.ids, found.offsets, strict=True):
            if number == _ORDINARY:
                pieces = self._later if begin else self._first
                ids.extend(pieces.encode(text[begin:end]))
            else:
                ids.append(int(self._id_of(self._controls.id_to_token(number))))
        return ids


def sentencepiece_encoder(tokenizer: Any, *, legacy: bool) -> SentencePieceEncoder | None:
    """Return SentencePiece's own encoder for a tokenizer; None where another file says more.

    That is a `tokenizer.json`, which is complete, and a tokenizer whose ids are not the numbers
    of the pieces (one that moves them, or reads the file in a way of its own).
    """
    model = _only_model(tokenizer)
    return None if model is None else SentencePieceEncoder(model, tokenizer, legacy=legacy)


def decode_as_sentencepiece(tokenizer: Any) -> None:
    """Give a tokenizer that was rebuilt from pieces the decoder of SentencePiece.

    It leaves out the space that the encoder put before the text, which not every one does.
    """
    model = _only_model(tokenizer)
    if model is None:
        return
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    if _parsed(model).normalizer_spec.add_dummy_prefix:
        steps.append(decoders.Strip(content=" ", left=1))
    tokenizer.backend_tokenizer.decoder = decoders.Sequence(steps)


def _only_model(tokenizer: Any) -> bytes | None:
    """Return the model file of a tokenizer that was built from nothing else."""
    named = getattr(tokenizer, "vocab_file", None)
    if not tokenizer.is_fast or not named:
        return None
    file = Path(named)
    if file.with_name(TOKENIZER_JSON).is_file() or not is_sentencepiece(file):
        return None
    model = file.read_bytes()
    pieces = SentencePieceProcessor(model_proto=model)
    return model if _ids_are_pieces(tokenizer, pieces) else None


def _ids_are_pieces(tokenizer: Any, pieces: SentencePieceProcessor) -> bool:
    """Return whether both know every id by one name; added tokens may have been renamed."""
    numbers = range(pieces.get_piece_size())
    names = tokenizer.convert_ids_to_tokens(list(numbers))
    added = tokenizer.added_tokens_decoder
    return all(
        name == pieces.id_to_piece(number) or number in added
        for number, name in zip(numbers, names, strict=True)
    )


def _finder(tokenizer: Any, pieces: SentencePieceProcessor) -> Tokenizer:
    """Return a tokenizer that cuts a text at its control tokens and leaves the parts whole.

    Symbols that SentencePiece itself reads in a text (user-defined ones) are none.
    """
    finder = Tokenizer(models.WordLevel(vocab={"": _ORDINARY}, unk_token=""))
    for number, token in sorted(tokenizer.added_tokens_decoder.items()):
        if _is_read_by_pieces(number, token.content, pieces):
            continue
        add = finder.add_special_tokens if token.special else finder.add_tokens
        add([token])
    return finder


def _is_read_by_pieces(number: int, text: str, pieces: SentencePieceProcessor) -> bool:
    if number >= pieces.get_piece_size() or pieces.id_to_piece(number) != text:
        return False
    return not (pieces.is_control(number) or pieces.is_unknown(number))


def _parsed(model: bytes) -> Any:
    parsed = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]  # generated
    parsed.ParseFromString(model)
    return parsed


def _without_space_before(model: bytes) -> bytes:
    parsed = _parsed(model)
    parsed.normalizer_spec.add_dummy_prefix = False
    return bytes(parsed.SerializeToString())
