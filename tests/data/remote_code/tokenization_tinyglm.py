"""A tokenizer around a SentencePiece model, with the hooks that ChatGLM2's overrides."""

import shutil
from pathlib import Path
from typing import Any

from sentencepiece import SentencePieceProcessor
from transformers import PreTrainedTokenizer
from transformers.utils import PaddingStrategy

COMMANDS = ("[MASK]", "[gMASK]", "[sMASK]", "sop", "eop")


class TinyGlmTokenizer(PreTrainedTokenizer):
    """Its control tokens are not in any list that transformers could know: only code finds them."""

    vocab_files_names = {"vocab_file": "tokenizer.model"}
    model_input_names = ["input_ids", "attention_mask", "position_ids"]

    def __init__(self, vocab_file: str, padding_side: str = "left", **others: Any) -> None:
        self.name = "TinyGlmTokenizer"
        self.vocab_file = vocab_file
        self.pieces = SentencePieceProcessor(model_file=vocab_file)
        size = self.pieces.get_piece_size()
        self.special_tokens = {
            "<bos>": self.pieces.bos_id(),
            "<eos>": self.pieces.eos_id(),
            "<pad>": self.pieces.unk_id(),
            **{token: size + number for number, token in enumerate(COMMANDS)},
        }
        super().__init__(padding_side=padding_side, **others)

    @property
    def unk_token(self) -> str:
        return "<unk>"

    @property
    def pad_token(self) -> str:
        return "<unk>"

    @property
    def pad_token_id(self) -> int:
        return self.special_tokens["<pad>"]

    @property
    def eos_token(self) -> str:
        return "</s>"

    @property
    def eos_token_id(self) -> int:
        return self.special_tokens["<eos>"]

    @property
    def vocab_size(self) -> int:
        return self.pieces.get_piece_size() + len(COMMANDS)

    def get_vocab(self) -> dict[str, int]:
        vocabulary = {self._convert_id_to_token(i): i for i in range(self.vocab_size)}
        vocabulary.update(self.added_tokens_encoder)
        return vocabulary

    def _tokenize(self, text: str, **_: Any) -> list[str]:
        return self.pieces.encode(text, out_type=str)

    def _convert_token_to_id(self, token: str) -> int:
        found = self.special_tokens.get(token)
        return self.pieces.piece_to_id(token) if found is None else found

    def _convert_id_to_token(self, index: int) -> str:
        if index in self.special_tokens.values() or index < 0:
            return ""
        return self.pieces.id_to_piece(index)

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        return self.pieces.decode_pieces(tokens)

    def save_vocabulary(self, folder: str, filename_prefix: str | None = None) -> tuple[str]:
        return (shutil.copy(self.vocab_file, Path(folder) / "tokenizer.model"),)

    def build_inputs_with_special_tokens(
        self, ids: list[int], pair: list[int] | None = None
    ) -> list[int]:
        begun = [self.special_tokens["[gMASK]"], self.special_tokens["sop"], *ids]
        return begun if pair is None else [*begun, *pair, self.special_tokens["<eos>"]]

    def _pad(
        self,
        encoded_inputs: Any,
        max_length: int | None = None,
        padding_strategy: PaddingStrategy = PaddingStrategy.DO_NOT_PAD,
        pad_to_multiple_of: int | None = None,
        return_attention_mask: bool | None = None,
    ) -> Any:
        """Without `padding_side`, which callers pass since transformers 4.45."""
        length = len(encoded_inputs["input_ids"])
        encoded_inputs.setdefault("attention_mask", [1] * length)
        encoded_inputs.setdefault("position_ids", list(range(length)))
        return encoded_inputs
