"""A tiny SentencePiece model like Llama 2's: byte-pair pieces, and bytes for what has none."""

from io import BytesIO

from sentencepiece import SentencePieceTrainer

_SENTENCES = (
    "Hello world, this is a small machine that answers questions.",
    "Once upon a time there was a small machine that counted: one, two, three.",
    "你好，世界。这是一个很小的机器。",
    "[Round 1] 问：答：USER: ASSISTANT: [INST] [/INST] Human: Assistant: Instruction Response",
)


def train_sentencepiece() -> bytes:
    """Return the file `tokenizer.model`: <unk> 0, <s> 1, </s> 2, 256 bytes, then pieces."""
    model = BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(_SENTENCES * 20),
        model_writer=model,
        model_type="bpe",
        vocab_size=400,
        byte_fallback=True,
        character_coverage=1.0,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=True,
        split_digits=True,
        allow_whitespace_only_pieces=True,
        pad_id=-1,
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()
