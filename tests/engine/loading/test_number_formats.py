"""`dtype: auto` takes bfloat16 on a CPU only where that is clearly faster; small models never."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from arena.catalog import ModelRow
from arena.checkpoints.step_shape import StepShape
from arena.engine.batching.continuous import ContinuousBatching
from arena.engine.batching.generator import SamplingParams
from arena.engine.batching.self_test import is_greedy_text
from arena.engine.loading.capacity import CacheLayout
from arena.engine.loading.loader import LoadedModel, ModelLoader
from arena.engine.loading.number_formats import cpu_format, faster_format, multiplies_bfloat16
from arena.engine.loading.step_times import CROWD
from tests.fakes.catalogs import EMBEDDED
from tests.fakes.loaded_models import row_of

LARGE: dict[str, Any] = {
    "vocab_size": 49_152,
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
}
LAYOUT = CacheLayout(page_tokens=32, blocks=32, batch_tokens=256)


def large(**other: Any) -> Any:
    return AutoConfig.for_model("llama", **LARGE, **other)


def always_bfloat16(_: object) -> torch.dtype:
    return torch.bfloat16


def never_asked(_: object) -> torch.dtype:
    raise AssertionError("nothing has to be measured for this model")


@pytest.mark.parametrize(
    ("alone", "crowd", "chosen"),
    [
        (1.1, 1.9, torch.bfloat16),
        (0.95, 1.25, torch.bfloat16),
        (1.1, 1.1, torch.float32),  # noise could decide it
        (0.7, 1.9, torch.float32),
        (0.2, 0.1, torch.float32),
    ],
)
def test_bfloat16_must_be_clearly_faster_for_many_and_not_slower_for_one(
    alone: float, crowd: float, chosen: torch.dtype
) -> None:
    times = {
        (torch.float32, 1): 0.010 * alone,
        (torch.bfloat16, 1): 0.010,
        (torch.float32, CROWD): 0.040 * crowd,
        (torch.bfloat16, CROWD): 0.040,
    }
    assert faster_format(times) is chosen


def test_a_model_that_is_worth_a_choice_gets_what_was_chosen_for_its_shape() -> None:
    asked: list[StepShape] = []

    def choose(shape: StepShape) -> torch.dtype:
        asked.append(shape)
        return torch.bfloat16

    assert cpu_format(large(), choose=choose) is torch.bfloat16
    assert asked == [StepShape(hidden=576, inner=1536, words=49_152, layers=30)]


@pytest.mark.parametrize(
    "config",
    [
        AutoConfig.from_pretrained(EMBEDDED),
        AutoConfig.from_pretrained(EMBEDDED.with_name("arena-demo-b")),
        AutoConfig.for_model("gpt2"),
        large(quantization_config={"quant_method": "gptq"}),
    ],
    ids=["demo a", "demo b", "sizes by other names", "quantised"],
)
def test_other_models_stay_in_float32_unmeasured(config: Any) -> None:
    assert cpu_format(config, choose=never_asked) is torch.float32


def test_a_processor_without_instructions_for_bfloat16_is_known_by_their_names() -> None:
    assert multiplies_bfloat16({"architecture": "x86_64", "avx512_bf16": True})
    assert multiplies_bfloat16({"architecture": "aarch64", "bf16": True})
    assert not multiplies_bfloat16({"architecture": "x86_64", "avx2": True, "amx_bf16": False})


@pytest.mark.parametrize("stated", ["float32", "float16", "bfloat16"])
def test_what_a_row_states_wins(tmp_path: Path, stated: str) -> None:
    row = auto_row(tmp_path, EMBEDDED).model_copy(update={"dtype": stated})
    assert ModelLoader(on_cpu=never_asked).dtype(row, large()) is getattr(torch, stated)


def test_a_row_that_quantises_computes_in_float32(tmp_path: Path) -> None:
    row = auto_row(tmp_path, EMBEDDED).model_copy(update={"quantization": "bitsandbytes-4bit"})
    assert ModelLoader(on_cpu=never_asked).dtype(row, large()) is torch.float32


@pytest.mark.parametrize("numbers", [torch.float32, torch.bfloat16], ids=str)
def test_a_model_of_either_format_writes_as_plain_transformers_does(
    tmp_path: Path, random_checkpoint: Path, numbers: torch.dtype
) -> None:
    loaded = ModelLoader(on_cpu=lambda _: numbers).load(auto_row(tmp_path, random_checkpoint))
    prompts = [[7 + n, *range(10, 12 + 9 * n)] for n in range(8)]
    replies = asyncio.run(greedy_replies(loaded, prompts))
    plain: Any = AutoModelForCausalLM.from_pretrained(random_checkpoint, dtype=numbers)
    reference = LoadedModel(plain.eval(), loaded.tokenizer, frozenset())
    assert loaded.number_format == str(numbers).removeprefix("torch.")
    assert [len(reply) for reply in replies] == [24] * len(prompts)
    for prompt, reply in zip(prompts, replies, strict=True):
        assert is_greedy_text(reference, prompt, reply)


def auto_row(folder: Path, checkpoint: Path) -> ModelRow:
    return row_of(folder, checkpoint).model_copy(update={"devices": "cpu"})


async def greedy_replies(loaded: LoadedModel, prompts: list[list[int]]) -> list[list[int]]:
    batching = ContinuousBatching(loaded, LAYOUT)
    sampling = SamplingParams(1.0, 1.0, 1, 1.0, 24, ignore_end=True)

    async def reply(prompt: list[int]) -> list[int]:
        return [token async for group in batching.generate(prompt, sampling) for token in group]

    try:
        return await asyncio.gather(*map(reply, prompts))
    finally:
        await asyncio.to_thread(batching.close)
