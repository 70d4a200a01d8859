"""A tiny SentencePiece model like Llama 2's: byte-pair pieces, and bytes for what has none."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from sentencepiece import SentencePieceTrainer

_SENTENCES = (
    "Hello world, this is a small machine that answers questions.",
    "Once upon a time there was a small machine that counted: one, two, three.",
    "你好，世界。这是一个很小的机器。",
    "[Round 1] 问：答：USER: ASSISTANT: [INST] [/INST] Human: Assistant: Instruction Response",
)


_CODE = (
    "def f(x):",
    "    if x:",
    "        return x + 1",
    "            # a comment      with spaces",
    "for (int i = 0; i < 10; i++) {   a[i] = b;   }",
    '{"key":    "value",      "other": [1, 2, 3]}',
)
LIKE_LLAMA: dict[str, Any] = {
    "model_type": "bpe",
    "byte_fallback": True,
    "normalization_rule_name": "identity",
    "remove_extra_whitespaces": False,
    "add_dummy_prefix": True,
    "split_digits": True,
    "allow_whitespace_only_pieces": True,
}


def train_sentencepiece(**options: Any) -> bytes:
    """Return the file `tokenizer.model`: <unk> 0, <s> 1, </s> 2, 256 bytes, then pieces.

    `options` are SentencePiece's own, in place of those of Llama.
    """
    return _trained(_SENTENCES * 20, vocab_size=400, **{**LIKE_LLAMA, **options})


def train_on_code(**options: Any) -> bytes:
    """Return a `tokenizer.model` whose pieces hold runs of spaces, as those of Llama do."""
    return _trained((*_SENTENCES, *_CODE) * 30, **{"vocab_size": 480, **LIKE_LLAMA, **options})


def _trained(sentences: Sequence[str], **options: Any) -> bytes:
    model = BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_writer=model,
        character_coverage=1.0,
        pad_id=-1,
        num_threads=1,
        minloglevel=2,
        **options,
    )
    return model.getvalue()
