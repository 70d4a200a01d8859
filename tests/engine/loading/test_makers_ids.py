"""The ids of whole conversations, as the makers' own code puts them together from pieces.

Each maker below encodes part by part with SentencePiece, as their scripts do; ours renders one text
and tokenises it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sentencepiece import SentencePieceProcessor

from arena.catalog import ModelRow
from arena.domain.conversation import Message, Role
from arena.engine.loading.loader import load_tokenizer
from arena.engine.prompts import PromptBuilder
from tests.engine.loading.test_sentencepieces import checkpoint
from tests.fakes.loaded_models import row_of
from tests.fakes.sentencepieces import train_on_code

BOS, EOS, END_OF_TURN = 1, 2, 480
SYSTEM = "You are a small machine."
TURNS = ("  Hi,  count\n    to three ", "one,  two, three ", " 你好\n\n  return x  👍")

Encode = Callable[[str], list[int]]
Maker = Callable[[Encode, str, Sequence[str]], list[int]]


def meta(encode: Encode, system: str, turns: Sequence[str]) -> list[int]:
    """Meta's llama: every exchange is a text of its own, between BOS and EOS."""
    said = [f"<<SYS>>\n{system}\n<</SYS>>\n\n{turns[0]}" if system else turns[0], *turns[1:]]
    ids: list[int] = []
    for asked, answered in zip(said[::2], said[1::2], strict=False):
        ids += [BOS, *encode(f"[INST] {asked.strip()} [/INST] {answered.strip()} "), EOS]
    return [*ids, BOS, *encode(f"[INST] {said[-1].strip()} [/INST]")]


def mistral(encode: Encode, system: str, turns: Sequence[str]) -> list[int]:
    """mistral_common, version 1: every message is a text of its own."""
    said = [f"{system}\n\n{turns[0]}" if system else turns[0], *turns[1:]]
    ids = [BOS]
    for number, text in enumerate(said):
        ids += [*encode(text), EOS] if number % 2 else encode(f"[INST] {text} [/INST]")
    return ids


def openchat(encode: Encode, system: str, turns: Sequence[str]) -> list[int]:
    """ochat: roles and messages are texts of their own, every one of both kinds."""
    ids = [BOS, *encode(system), *[END_OF_TURN] * bool(system)]
    for number, text in enumerate(turns):
        role = "GPT4 Correct Assistant:" if number % 2 else "GPT4 Correct User:"
        ids += [*encode(role), *encode(text), END_OF_TURN]
    return ids + encode("GPT4 Correct Assistant:")


def wizard(encode: Encode, system: str, turns: Sequence[str]) -> list[int]:
    """FastChat and WizardLM's demo: one text with </s> after every reply, which is trimmed."""
    ids, text = [BOS], f"{system} " if system else ""
    for number, said in enumerate(turns):
        if number % 2:
            ids += [*encode(f"{text} {said.strip()}"), EOS]
            text = ""
        else:
            text += f"USER: {said} ASSISTANT:"
    return ids + encode(text)


def flag_alpha(encode: Encode, system: str, turns: Sequence[str]) -> list[int]:
    """FlagAlpha's server, with the tokenizer of 2023: parts between BOS and EOS."""
    said = [("System", system)] * bool(system)
    said += [("Assistant" if n % 2 else "Human", text) for n, text in enumerate(turns)]
    ids: list[int] = []
    for role, text in said:
        ids += [BOS, *encode(f"{role}: {text.strip()}\n"), EOS]
    return [*ids, BOS, *encode("Assistant: ")]


def chinese_alpaca_2(encode: Encode, system: str, turns: Sequence[str]) -> list[int]:
    """Chinese-LLaMA-Alpaca-2's server, `legacy=True`; it trims the replies that it gives out."""
    said = [f"<<SYS>>\n{system}\n<</SYS>>\n\n{turns[0]}" if system else turns[0], *turns[1:]]
    ids: list[int] = []
    for asked, answered in zip(said[::2], said[1::2], strict=False):
        ids += [BOS, *encode(f"[INST] {asked} [/INST] {answered.strip()}"), EOS]
    return [*ids, BOS, *encode(f"[INST] {said[-1]} [/INST]")]


MAKERS: dict[str, Maker] = {
    "vicuna_v1.1": wizard,
    "llama-2": meta,
    "mistral": mistral,
    "openchat": openchat,
    "llama2-chinese": flag_alpha,
    "chinese-alpaca-2": chinese_alpaca_2,
}


@pytest.fixture(scope="module")
def model() -> bytes:
    return train_on_code()


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory, model: bytes) -> ModelRow:
    """A checkpoint as a repository of 2023 had it, without the key `legacy`."""
    folder = tmp_path_factory.mktemp("makers")
    added = {str(END_OF_TURN): {"content": "<|end_of_turn|>", "special": True}}
    return row_of(folder, checkpoint(folder / "checkpoint", model, added_tokens_decoder=added))


@pytest.fixture(scope="module")
def tokenizer(row: ModelRow) -> Any:
    return load_tokenizer(row)


@pytest.mark.parametrize("system", ["", SYSTEM])
@pytest.mark.parametrize("name", MAKERS)
def test_both_turns_have_the_ids_of_the_maker(
    name: str, system: str, row: ModelRow, tokenizer: Any, model: bytes
) -> None:
    pieces = SentencePieceProcessor(model_proto=model)
    named = row.model_copy(update={"prompt_format": name, "system_prompt": system})
    prompts = PromptBuilder(named, tokenizer)
    roles = (Role.USER, Role.ASSISTANT, Role.USER)
    said = [Message(role, text) for role, text in zip(roles, TURNS, strict=True)]
    for count in (1, 3):
        expected = MAKERS[name](lambda text: list(pieces.encode(text)), system, TURNS[:count])
        assert list(prompts.chat(said[:count]).ids) == expected


def test_there_is_a_checkpoint_of_pieces_only(row: ModelRow) -> None:
    names = {file.name for file in Path(row.resolved_source()).iterdir()}
    assert names == {"tokenizer.model", "tokenizer_config.json", "config.json"}
