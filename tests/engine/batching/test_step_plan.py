"""How steps run follows from device, attention and the row's own word."""

import logging
from pathlib import Path

import pytest

from arena.engine.batching.attention_choice import TRANSFORMERS, Attention
from arena.engine.batching.flash_attention import PACKED, PAGED
from arena.engine.batching.step_plan import EAGER, GpuSteps, StepPlan, plan_steps, steps_of
from arena.engine.batching.varlen_attention import VARLEN
from arena.engine.loading.capacity import CacheLayout, plan_cache
from tests.engine.batching.test_varlen_attention import SHARED_KEYS, loaded

IN_PLACE = Attention(PAGED, is_paged=True)
PACKAGE = Attention(None, is_paged=True)
GRAPHS = StepPlan(captured=True, overlapped=True)


@pytest.mark.parametrize("attention", [IN_PLACE, PACKAGE], ids=["built in", "a package's"])
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("auto", GRAPHS),
        ("eager", EAGER),
        ("compiled", StepPlan(captured=True, overlapped=True, compiled=True)),
    ],
)
def test_where_decoding_reads_the_cache_in_place_the_row_chooses(
    attention: Attention, wanted: GpuSteps, expected: StepPlan
) -> None:
    assert plan_steps("cuda", attention, wanted) == expected


@pytest.mark.parametrize(
    ("device", "attention"),
    [
        ("cpu", Attention(VARLEN)),
        ("cuda", Attention(PACKED)),
        ("cuda", TRANSFORMERS),
        ("mps", IN_PLACE),
    ],
    ids=["a CPU", "a gathered cache", "one mask", "another device"],
)
@pytest.mark.parametrize("wanted", ["auto", "compiled"])
def test_elsewhere_nothing_is_captured(device: str, attention: Attention, wanted: GpuSteps) -> None:
    assert plan_steps(device, attention, wanted) == EAGER


def test_each_plan_is_followed_by_a_simpler_one() -> None:
    plan: StepPlan | None = StepPlan(captured=True, overlapped=True, compiled=True)
    followed = []
    while plan is not None:
        followed.append(str(plan))
        plan = plan.slower
    assert followed == ["compiled CUDA graphs", "CUDA graphs", "single kernels"]


def test_a_row_that_asks_for_more_than_there_is_is_told_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    model = loaded(tmp_path, "llama", SHARED_KEYS)
    assert steps_of(model, Attention(VARLEN)) == EAGER
    assert caplog.text == ""
    assert steps_of(model, Attention(VARLEN), "compiled") == EAGER
    assert "`gpu_steps: compiled` needs a GPU and flash attention" in caplog.text


@pytest.mark.parametrize(
    ("context", "blocks"), [(4096, 17), (4000, 17), (1, 2)], ids=["whole", "begun", "tiny"]
)
def test_a_row_of_the_table_of_blocks_holds_one_context_and_no_more(
    context: int, blocks: int
) -> None:
    layout = plan_cache(
        context=context,
        page_tokens=256,
        token_bytes=2**17,
        item_bytes=2,
        budget_bytes=2**36,
        is_masked=False,
    )
    assert layout.table_blocks == min(blocks, layout.blocks)
    assert layout.table_blocks * 256 > min(context, layout.tokens - 256)


def test_a_row_of_the_table_is_no_longer_than_the_cache() -> None:
    assert CacheLayout(16, 5, 64, request_blocks=12).table_blocks == 5
    assert CacheLayout(16, 5, 64).table_blocks == 5
