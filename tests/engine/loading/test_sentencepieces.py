"""Folders with only a `tokenizer.model` get the ids that SentencePiece itself gives.

The text comes back the same from wrong ids, so ids are compared, over models of both kinds.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sentencepiece import SentencePieceProcessor

from arena.catalog import ModelRow
from arena.domain.conversation import Message, Role
from arena.engine.loading.loader import load_tokenizer
from arena.engine.loading.tokenizing import text_encoder, text_ids
from arena.engine.prompts import PromptBuilder
from arena.prompting import PromptFormatError
from tests.fakes.loaded_models import row_of
from tests.fakes.sentencepieces import train_on_code

MODELS: dict[str, dict[str, Any]] = {
    "like Llama": {},
    "normalising": {"normalization_rule_name": "nmt_nfkc", "remove_extra_whitespaces": True},
    "without bytes": {"byte_fallback": False, "vocab_size": 220},
    "like Gemma": {"add_dummy_prefix": False, "user_defined_symbols": ["<turn>", "\n", "   "]},
    "unigram": {"model_type": "unigram", "vocab_size": 360},
    "unigram, normalising": {
        "model_type": "unigram",
        "vocab_size": 360,
        "normalization_rule_name": "nmt_nfkc_cf",
        "remove_extra_whitespaces": True,
    },
    "space after": {"treat_whitespace_as_suffix": True},
}
ARCHITECTURES = ("llama", "mistral")
"""transformers builds the tokenizers of both in different ways."""

TEXTS = (
    "Hello world",
    "Hello  world",
    "  two before, two after  ",
    "def f():\n    return x",
    "def f(x):\n        if x:\n                return   x + 1\n",
    "\tfor (int i = 0; i < 10; i++) {   a[i] = b;   }",
    '{"key":      "value",\n       "other": [1,  2,   3]}',
    "你好，世界。这是一个很小的机器。",
    "全角　空格，ＡＢＣ１２３ﬁ①",
    "mixed 你好 and English  混合",
    "👍🏽 👩‍👩‍👧‍👦 flags 🇨🇳",
    "control \x00\x01\x1f\x7f chars",
    "\r\n\n\n   \n",
    "▁ and ▁▁ stand for spaces",
    "<0x0A> is a text, <s> </s> <unk> too",
    "<turn>user\nHi<turn>",
    "naïve café e\u0301 ʼn ŉ",
    "   ",
    " ",
    "",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A checkpoint's folder with only its pieces, and SentencePiece itself."""

    row: ModelRow
    tokenizer: Any
    pieces: SentencePieceProcessor

    def encoded(self, text: str, *, plain: bool = True) -> list[int]:
        return text_encoder(self.tokenizer, self.row)(text, plain=plain)


def checkpoint(folder: Path, model: bytes, architecture: str = "llama", **settings: Any) -> Path:
    """Save a tokenizer as the repositories of 2023 had it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.model").write_bytes(model)
    pieces = SentencePieceProcessor(model_proto=model)
    config = {"model_type": architecture, "vocab_size": pieces.get_piece_size()}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    stated = {
        "tokenizer_class": "LlamaTokenizer",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "add_bos_token": True,
        **settings,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(stated), encoding="utf-8")
    return folder


def case_of(folder: Path, model: bytes, architecture: str = "llama", **settings: Any) -> Case:
    saved = checkpoint(folder / "checkpoint", model, architecture, **settings)
    row = row_of(folder, saved).model_copy(update={"prompt_format": "raw"})
    return Case(row, load_tokenizer(row), SentencePieceProcessor(model_proto=model))


@pytest.fixture(
    scope="module",
    params=[(name, architecture) for name in MODELS for architecture in ARCHITECTURES],
    ids=lambda param: " on ".join(param),
)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    name, architecture = request.param
    model = train_on_code(**MODELS[name])
    return case_of(tmp_path_factory.mktemp("pieces"), model, architecture, legacy=True)


def assorted(count: int, seed: int = 7) -> Sequence[str]:
    """Texts that nobody would think of, made of parts that matter."""
    chance = random.Random(seed)
    parts = [*TEXTS, *"abc xyz{}[]();:,.", " ", "  ", "    ", "\n", "\t", "counted", "机器", "é"]
    return ["".join(chance.choices(parts, k=chance.randint(1, 12))) for _ in range(count)]


def test_every_text_gets_the_ids_of_sentencepiece(case: Case) -> None:
    wrong = [
        text
        for text in (*TEXTS, *assorted(400))
        if case.encoded(text) != list(case.pieces.encode(text))
    ]
    assert wrong == []


def test_parts_between_control_tokens_get_the_ids_of_sentencepiece(case: Case) -> None:
    for before, after in zip(TEXTS, assorted(len(TEXTS)), strict=True):
        first, second = (text.replace("<s>", "").replace("</s>", "") for text in (before, after))
        first, second = first.replace("<unk>", "?"), second.replace("<unk>", "?")
        expected = [*case.pieces.encode(first), 2, 1, *case.pieces.encode(second), 2]
        assert case.encoded(f"{first}</s><s>{second}</s>", plain=False) == expected


def test_ids_become_the_text_again_without_the_space_that_was_put_before(case: Case) -> None:
    builder = PromptBuilder(case.row, case.tokenizer)
    for text in ("Hello world", "  two  spaces", "你好 world 👍", "a\nb"):
        ids = case.encoded(text)
        if case.pieces.unk_id() in ids:
            continue
        decoder = builder.decoder(builder.raw(""))
        assert "".join(decoder.step(token) for token in ids) == case.pieces.decode(ids), text


def test_runs_of_spaces_and_blank_lines_reach_the_model_as_they_were_typed(case: Case) -> None:
    builder = PromptBuilder(case.row, case.tokenizer)
    text = "if x:\n\n    return   x"
    ids = builder.chat([Message(Role.USER, text)]).ids
    assert list(ids[1:]) == list(case.pieces.encode(text))


def after(case: Case, control: str, text: str = "Hello") -> str:
    """Return the first piece of a text that stands after a control token."""
    number = case.encoded(f"{control}{text}", plain=False)[1]
    return str(case.pieces.id_to_piece(number))


@pytest.mark.parametrize(
    ("row", "stated", "piece"),
    [
        (None, {}, "▁H"),
        (None, {"legacy": True}, "▁H"),
        (None, {"legacy": False}, "H"),
        (True, {"legacy": False}, "▁H"),
        (False, {"legacy": True}, "H"),
        (False, {}, "H"),
    ],
)
def test_legacy_is_what_the_row_says_then_the_checkpoint_then_what_2023_meant(
    tmp_path: Path, row: bool | None, stated: dict[str, bool], piece: str
) -> None:
    case = case_of(tmp_path, train_on_code(), "llama", **stated)
    ruled = Case(case.row.model_copy(update={"legacy_tokenizer": row}), case.tokenizer, case.pieces)
    assert after(ruled, "<s>") == piece
    assert ruled.encoded("Hello")[0] == case.pieces.piece_to_id("▁H")


def test_a_text_that_continues_without_legacy_is_encoded_as_it_stands(tmp_path: Path) -> None:
    case = case_of(tmp_path, train_on_code(), legacy=False)
    pieces = [case.pieces.id_to_piece(n) for n in case.encoded("a</s> b<s>  c", plain=False)]
    assert "".join(pieces) == "▁a</s>▁b<s>▁▁c"


def test_tokens_that_were_added_to_the_pieces_keep_their_ids(tmp_path: Path) -> None:
    model = train_on_code()
    count = SentencePieceProcessor(model_proto=model).get_piece_size()
    added = {
        str(count): {"content": "<|end_of_turn|>", "special": True, "normalized": False},
        str(count + 1): {"content": "<name>", "special": False, "normalized": False},
    }
    case = case_of(tmp_path, model, legacy=True, added_tokens_decoder=added)
    one, two = case.pieces.encode("Hello  world"), case.pieces.encode("counted")
    text = "Hello  world<|end_of_turn|>counted<name>"
    assert case.encoded(text, plain=False) == [*one, count, *two, count + 1]
    plain = [*case.pieces.encode("Hello  world<|end_of_turn|>counted"), count + 1]
    assert case.encoded(text) == plain


def test_a_checkpoint_with_a_tokenizer_json_keeps_the_ids_of_that_file(tmp_path: Path) -> None:
    case = case_of(tmp_path, train_on_code(), legacy=True)
    folder = Path(case.row.resolved_source())
    case.tokenizer.save_pretrained(folder)
    assert (folder / "tokenizer.json").is_file()
    saved = load_tokenizer(case.row)
    for text in TEXTS:
        ids = text_encoder(saved, case.row)(text, plain=True)
        assert ids == text_ids(saved, text, plain=True)


@pytest.mark.parametrize("legacy", [True, False])
def test_a_tokenizer_json_that_transformers_5_saved_keeps_its_legacy(
    tmp_path: Path, legacy: bool
) -> None:
    case = case_of(tmp_path, train_on_code(), legacy=legacy)
    folder = Path(case.row.resolved_source())
    case.tokenizer.save_pretrained(folder)
    (folder / "tokenizer.model").unlink()
    assert "legacy" not in json.loads((folder / "tokenizer_config.json").read_text())
    saved = Case(case.row, load_tokenizer(case.row), case.pieces)
    assert after(saved, "<s>") == ("▁H" if legacy else "H")


def test_a_tokenizer_json_that_puts_a_space_before_every_part_keeps_it(tmp_path: Path) -> None:
    case = case_of(tmp_path, train_on_code(), legacy=True)
    folder = Path(case.row.resolved_source())
    case.tokenizer.save_pretrained(folder)
    whole = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    whole["pre_tokenizer"] = None
    whole["normalizer"] = {  # as Llama 2's
        "type": "Sequence",
        "normalizers": [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        ],
    }
    (folder / "tokenizer.json").write_text(json.dumps(whole), encoding="utf-8")
    saved = Case(case.row, load_tokenizer(case.row), case.pieces)
    assert after(saved, "<s>") == "▁H"


def test_a_legacy_that_cannot_change_anything_is_refused(tmp_path: Path) -> None:
    case = case_of(tmp_path, train_on_code(), "mistral", legacy=True)
    folder = Path(case.row.resolved_source())
    llama = case_of(tmp_path / "llama", train_on_code(), legacy=True)
    llama.tokenizer.save_pretrained(folder)
    for legacy, refused in ((True, False), (False, True)):
        row = case.row.model_copy(update={"legacy_tokenizer": legacy})
        if refused:
            with pytest.raises(PromptFormatError, match=r"legacy_tokenizer: false changes nothing"):
                PromptBuilder(row, load_tokenizer(row))
        else:
            PromptBuilder(row, load_tokenizer(row))


def test_a_file_of_that_name_that_is_no_sentencepiece_model_is_left_alone(tmp_path: Path) -> None:
    case = case_of(tmp_path, train_on_code())
    Path(case.tokenizer.vocab_file).write_bytes(b"IQ== 0\nIg== 1\n")  # as tiktoken's
    assert case.encoded("Hello") == text_ids(case.tokenizer, "Hello", plain=True)


def test_the_space_before_a_word_is_shown_with_its_token(tmp_path: Path) -> None:
    case = case_of(tmp_path, train_on_code(), legacy=True)
    builder = PromptBuilder(case.row, case.tokenizer)
    prompt = builder.chat([Message(Role.USER, "Hello  world")])
    assert "".join(builder.token_texts(prompt.ids)) == "<s> Hello  world"
