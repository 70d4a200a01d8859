"""Text grows by whole characters and never shows a piece of a stop string."""

from collections.abc import Callable, Iterator
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer

from arena.engine.decoding import FastDecoder, SlowDecoder, StopStrings, TokenDecoder
from arena.engine.loading.tokenizing import text_ids
from tests.fakes.line_up import save_line_up_checkpoint

DecoderMaker = Callable[..., TokenDecoder]

FIRST_BYTE = 3
"""In SentencePiece, the id of byte 0: <unk>, <s> and </s> come before."""

START_OF_TEXT, END_OF_TEXT = 1, 2
"""The ids of <s> and </s> there."""

TEXTS = ("plain", "你好，世界", "👍🏽 naïve café 👩‍👩‍👧", "", "a\n\n```py\nx\n```")


class ByteTokenizer:
    """A tokenizer with one token per byte, in both forms that decoders know."""

    def __init__(self) -> None:
        signs = sorted(pre_tokenizers.ByteLevel.alphabet())
        self.fast = Tokenizer(models.BPE(vocab={s: n for n, s in enumerate(signs)}, merges=[]))
        self.fast.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        self.fast.decoder = decoders.ByteLevel()

    def ids(self, text: str) -> list[int]:
        return list(self.fast.encode(text).ids)

    def decode(self, ids: list[int], *, skip_special_tokens: bool) -> str:
        return str(self.fast.decode(ids, skip_special_tokens=skip_special_tokens))


@pytest.fixture(scope="module")
def tokenizer() -> ByteTokenizer:
    return ByteTokenizer()


@pytest.fixture(params=["fast", "slow"])
def decoder(request: pytest.FixtureRequest, tokenizer: ByteTokenizer) -> TokenDecoder:
    return decoder_of(request.param, tokenizer, 256)


def decoder_of(kind: str, tokenizer: ByteTokenizer, vocabulary: int) -> TokenDecoder:
    """One that works on the Rust part of a tokenizer, or one that calls its Python part."""
    if kind == "fast":
        return FastDecoder(tokenizer.fast, vocabulary)
    return SlowDecoder(tokenizer, vocabulary)


@pytest.mark.parametrize("text", TEXTS)
def test_bytes_one_by_one_give_the_text_in_whole_characters(
    decoder: TokenDecoder, tokenizer: ByteTokenizer, text: str
) -> None:
    pieces = [decoder.step(token) for token in tokenizer.ids(text)]
    assert "".join(pieces) == text
    assert not any("\ufffd" in piece for piece in pieces)


def test_a_character_that_is_never_completed_is_never_shown(tokenizer: ByteTokenizer) -> None:
    decoder = FastDecoder(tokenizer.fast, 256)
    broken = tokenizer.ids("好")[:2] + tokenizer.ids("x你")
    assert "".join(decoder.step(token) for token in broken) == "x你"


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The tokenizer of a checkpoint that has nothing but the `tokenizer.model` of Llama 2."""
    folder = save_line_up_checkpoint(tmp_path_factory.mktemp("pieces"), "llama")
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def own_pieces(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A tokenizer around SentencePiece that is written in Python, as ChatGLM2's is."""
    folder = save_line_up_checkpoint(tmp_path_factory.mktemp("own"), "chatglm2")
    return AutoTokenizer.from_pretrained(folder, trust_remote_code=True)


@pytest.fixture(params=["tokenizer.model", "code"])
def new_decoder(request: pytest.FixtureRequest, pieces: Any, own_pieces: Any) -> DecoderMaker:
    """Makes decoders over SentencePiece, given the ids that came before."""
    if request.param == "code":
        return lambda *before: SlowDecoder(own_pieces, own_pieces.vocab_size, before)
    return lambda *before: FastDecoder(pieces._tokenizer, len(pieces), before)


@pytest.mark.parametrize("text", [*TEXTS, "Hello  world ", "\n  - a\tb", "counted: 1, 2"])
def test_sentencepieces_give_the_text_to_the_byte(
    new_decoder: DecoderMaker, pieces: Any, text: str
) -> None:
    decoder = new_decoder()
    shown = [decoder.step(token) for token in text_ids(pieces, text, plain=True)]
    assert "".join(shown) == text
    assert not any("\ufffd" in piece for piece in shown)


@pytest.mark.parametrize("text", [" world", "  two", "世界", "👍", "\n", "</s>"])
def test_a_continued_text_keeps_the_space_that_joins_it(
    new_decoder: DecoderMaker, pieces: Any, text: str
) -> None:
    before = text_ids(pieces, "ASSISTANT: Hello", plain=True)
    both = text_ids(pieces, "ASSISTANT: Hello" + text, plain=True)
    assert both[: len(before)] == before
    decoder = new_decoder(*before[-8:])
    assert "".join(decoder.step(token) for token in both[len(before) :]) == text


@pytest.mark.parametrize("shown", ["d", "é", "a世"])
def test_a_broken_byte_takes_nothing_with_it(
    new_decoder: DecoderMaker, pieces: Any, shown: str
) -> None:
    """Bytes are pieces, and a decoder joins neighbours: those that were shown already stay."""
    as_bytes = [FIRST_BYTE + byte for byte in (*shown.encode(), 0xFF)]
    ids = [*as_bytes, *text_ids(pieces, "one 世界", plain=True)]
    decoder = new_decoder()
    assert "".join(decoder.step(token) for token in ids) == f"{shown} one 世界"


def test_special_tokens_have_no_text_and_take_no_space_from_their_neighbours(
    new_decoder: DecoderMaker, pieces: Any
) -> None:
    start, one, *two = text_ids(pieces, "one two", plain=True)
    decoder = new_decoder()
    ids = [start, one, END_OF_TEXT, *two]
    assert "".join(decoder.step(token) for token in ids) == "one two"


def test_special_tokens_have_no_text_after_a_broken_byte_either(
    new_decoder: DecoderMaker, pieces: Any
) -> None:
    start, one, *two = text_ids(pieces, "one two", plain=True)
    decoder = new_decoder()
    broken = [FIRST_BYTE + ord("d"), FIRST_BYTE + 0xFF]
    ids = [*broken, START_OF_TEXT, start, one, END_OF_TEXT, *two]
    assert "".join(decoder.step(token) for token in ids) == "d one two"


def test_a_word_that_a_broken_byte_cut_keeps_the_space_before_the_next(
    new_decoder: DecoderMaker, pieces: Any
) -> None:
    _, one, *two = text_ids(pieces, "one two", plain=True)
    decoder = new_decoder()
    ids = [FIRST_BYTE + ord("d"), FIRST_BYTE + 0xFF, one, *two]
    assert "".join(decoder.step(token) for token in ids) == "done two"


@pytest.mark.parametrize("kind", ["fast", "slow"])
def test_a_mark_that_the_tokenizer_calls_special_is_not_shown(kind: str) -> None:
    tokenizer = ByteTokenizer()
    tokenizer.fast.add_special_tokens(["<|turn|>"])
    decoder = decoder_of(kind, tokenizer, 257)
    ids = [*tokenizer.ids("so"), 256, *tokenizer.ids(" on")]
    assert "".join(decoder.step(token) for token in ids) == "so on"


def test_an_id_beyond_the_vocabulary_has_no_text(decoder: TokenDecoder) -> None:
    assert decoder.step(300) == ""


@pytest.mark.parametrize("kind", ["fast", "slow"])
def test_the_vocabulary_ends_before_its_size(tokenizer: ByteTokenizer, kind: str) -> None:
    (last,) = tokenizer.ids("R")
    decoder = decoder_of(kind, tokenizer, last + 1)
    assert (decoder.step(last), decoder.step(last + 1)) == ("R", "")


def test_a_decoder_that_knows_what_came_before_shows_only_what_is_new(
    tokenizer: ByteTokenizer,
) -> None:
    decoder = FastDecoder(tokenizer.fast, 256, before=tokenizer.ids("Hello"))
    assert "".join(decoder.step(token) for token in tokenizer.ids(" world")) == " world"


def cut(pieces: list[str], stops: list[str]) -> tuple[str, bool]:
    cutter = StopStrings(stops)
    shown = "".join(cutter.feed(piece) for piece in pieces)
    return shown + ("" if cutter.stopped else cutter.finish()), cutter.stopped


@pytest.mark.parametrize(
    ("text", "stops", "shown"),
    [
        ("answer USER: next", ["USER:"], "answer "),
        ("answer USER", ["USER:"], "answer USER"),
        ("a###b", ["###", "b"], "a"),
        ("aab", ["aab", "ab"], ""),
        ("aab", ["ab", "aab"], ""),
        ("abc", ["abc", "b"], "a"),
        ("abc", ["b", "abc"], "a"),
        ("UUSER:x", ["USER:"], "U"),
        ("nothing", [], "nothing"),
        ("nothing", [""], "nothing"),
        ("到此为止。还有", ["为止"], "到此"),
    ],
)
def test_a_stop_string_ends_the_text_however_it_is_cut(
    text: str, stops: list[str], shown: str
) -> None:
    stopped = shown != text
    assert cut([text], stops) == (shown, stopped)
    assert cut(list(text), stops) == (shown, stopped)


def test_the_beginning_of_a_stop_string_is_held_back_and_no_more() -> None:
    cutter = StopStrings(["USER:"])
    assert cutter.feed("answer US") == "answer "
    assert cutter.feed("A wins") == "USA wins"


@pytest.mark.parametrize("stops", [[], [""]])
def test_without_a_stop_string_nothing_is_held_back(stops: list[str]) -> None:
    assert StopStrings(stops).feed("answer") == "answer"


def test_what_was_held_back_is_given_out_once() -> None:
    cutter = StopStrings(["USER:"])
    assert cutter.feed("answer US") == "answer "
    assert (cutter.finish(), cutter.finish()) == ("US", "")


def test_nothing_is_shown_after_a_stop() -> None:
    cutter = StopStrings(["."])
    assert (cutter.feed("a.b"), cutter.feed("c"), cutter.finish()) == ("a", "", "")


def ended(text: str, stops: list[str]) -> tuple[str, bool]:
    """By definition: before the first stop string that is complete; of those the longest."""
    for end in range(1, len(text) + 1):
        begins = [end - len(stop) for stop in stops if text[:end].endswith(stop)]
        if begins:
            return text[: min(begins)], True
    return text, False


def splits(text: str) -> Iterator[list[str]]:
    """Every way to cut a text into pieces."""
    for borders in product((False, True), repeat=max(len(text) - 1, 0)):
        ends = [place for place, border in enumerate(borders, 1) if border]
        yield [text[begin:end] for begin, end in pairwise([0, *ends, len(text)])]


@given(st.text(alphabet="ab#", max_size=8), st.lists(st.text("ab#", min_size=1, max_size=4)))
def test_however_finely_a_stream_is_cut_it_ends_at_a_stop_string(
    text: str, stops: list[str]
) -> None:
    expected = ended(text, stops)
    assert all(cut(pieces, stops) == expected for pieces in splits(text))


@given(st.text(alphabet="ab#", max_size=40), st.lists(st.text("ab#", min_size=1, max_size=4)))
def test_a_long_text_ends_at_a_stop_string_as_a_whole_and_in_letters(
    text: str, stops: list[str]
) -> None:
    assert cut([text], stops) == cut(list(text), stops) == ended(text, stops)
