"""Two guards keep continuous batching from the architectures that it breaks or gets wrong.

The first asks what the architecture claims; the second, the self-test, believes no claim. Each is
tried alone here: a release of transformers that changes what is claimed must not reach anybody.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arena.engine.assembly import ServedModel, cache_layout
from arena.engine.batching.continuous import ContinuousBatching
from arena.engine.batching.generator import SamplingParams
from arena.engine.batching.padded_generation import generate_batch
from arena.engine.batching.strategies import choose_strategy
from arena.engine.batching.tested_batch import UnsuitableArchitecture
from tests.fakes.checkpoints import TINY, save_random_checkpoint
from tests.fakes.loaded_models import assembled

pytestmark = pytest.mark.anyio

GREEDY = SamplingParams(1.0, 1.0, 1, 1.0, 12, ignore_end=True)
PROMPT = list(range(10, 60))
GPT = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 512}
NEO = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_layers": 2,
    "num_heads": 2,
    "attention_types": [[["global", "local"], 1]],
    "window_size": 16,
    "max_position_embeddings": 512,
}
SIZES: dict[str, dict[str, Any]] = {
    "bloom": {"hidden_size": 32, "n_layer": 2, "n_head": 2},
    "deepseek_v3": {
        **TINY,
        "moe_intermediate_size": 32,
        "n_routed_experts": 4,
        "num_experts_per_tok": 2,
        "n_group": 1,
        "topk_group": 1,
        "first_k_dense_replace": 1,
        "kv_lora_rank": 16,
        "q_lora_rank": 16,
        "qk_rope_head_dim": 8,
        "qk_nope_head_dim": 8,
        "v_head_dim": 16,
    },
    "falcon": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2},
    "gpt2": GPT,
    "gpt_neo": NEO,
    "gptj": {**GPT, "rotary_dim": 8},
    "mamba": {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 8},
    "stablelm": TINY,
}
Assemble = Callable[[str], ServedModel]


@pytest.fixture
def assemble(tmp_path: Path) -> Assemble:
    """Saves and assembles a tiny model of an architecture."""

    def made(architecture: str) -> ServedModel:
        sizes = {**SIZES[architecture], "initializer_range": 0.4}  # less, and attention is moot
        checkpoint = save_random_checkpoint(tmp_path / "new", architecture, **sizes)
        return assembled(tmp_path, checkpoint)

    return made


@pytest.mark.parametrize(
    ("architecture", "way"),
    [
        ("gpt2", "continuous"),
        ("bloom", "dynamic"),
        ("deepseek_v3", "dynamic"),
        ("falcon", "dynamic"),
        ("gptj", "dynamic"),
        ("mamba", "dynamic"),
    ],
)
async def test_an_engine_chooses_the_way_that_gives_the_models_own_text(
    assemble: Assemble, architecture: str, way: str
) -> None:
    served = assemble(architecture)
    try:
        groups = [group async for group in served.generator.generate(PROMPT, GREEDY)]
    finally:
        served.close()
    own = generate_batch(served._loaded, [PROMPT], GREEDY, end=frozenset())
    assert served.generator.name == way
    assert [token for group in groups for token in group] == own[0]


@pytest.mark.parametrize(
    ("architecture", "fault"),
    [
        ("gpt_neo", "differs"),
        ("gptj", "differs"),
        ("bloom", "differs"),
        ("stablelm", "differs"),
        ("falcon", "failed"),
        ("deepseek_v3", "failed"),
    ],
)
def test_the_self_test_believes_no_architecture_that_it_is_supported(
    assemble: Assemble, architecture: str, fault: str
) -> None:
    served = assemble(architecture)
    served.close()
    with pytest.raises(UnsuitableArchitecture, match=fault):
        ContinuousBatching(served._loaded, cache_layout(served._loaded, served.context)).close()


class TakesNoCache:
    """A model whose code fails at any cache, and that `generate()` cannot drive."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def generate(self, *_: Any, **__: Any) -> Any:
        raise TypeError("no generate() here")

    def forward(self, input_ids: Any, attention_mask: Any = None, position_ids: Any = None) -> Any:
        return self._model(input_ids, attention_mask=attention_mask, position_ids=position_ids)

    def __call__(self, *arguments: Any, use_cache: bool, **named: Any) -> Any:
        if use_cache:
            raise NotImplementedError("no cache")
        return self.forward(*arguments, **named)


def test_a_model_without_any_cache_is_read_anew_for_every_token(assemble: Assemble) -> None:
    served = assemble("gpt2")
    served.close()
    loaded = served._loaded
    expected = generate_batch(loaded, [PROMPT, PROMPT[:5]], GREEDY, end=frozenset())
    object.__setattr__(loaded, "model", TakesNoCache(loaded.model))
    way = choose_strategy(loaded)
    assert (way.name, way.max_rows) == ("single steps without a cache", 16)
    assert way.generate(loaded, [PROMPT, PROMPT[:5]], GREEDY, end=frozenset()) == expected
