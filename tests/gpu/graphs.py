"""Steps that are captured as graphs, and overlapped, against single kernels: tokens and times."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from arena.engine.batching.attention_choice import Attention, attention_by
from arena.engine.batching.cuda_graphs import Capture, CudaGraphs
from arena.engine.batching.self_test import is_greedy_text
from arena.engine.batching.step_plan import EAGER, StepPlan
from arena.engine.loading.loader import LoadedModel
from tests.benchmarks.gpu import random_model
from tests.fakes.captured_steps import RecordedGraphs
from tests.fakes.flash_kernel import Kernel
from tests.gpu.sizes import Sizes
from tests.gpu.stages import Told, finding, skipped
from tests.gpu.steps import step_s, tokens_needed
from tests.gpu.ways import batch_of, layout, mixed_prompts, named, ways

_TOKENS: Final = 24
_WITHIN_S: Final = 60.0
_CAPTURED: Final = StepPlan(captured=True)
_OVERLAPPED: Final = StepPlan(captured=True, overlapped=True)
_COMPILED: Final = StepPlan(captured=True, overlapped=True, compiled=True)


def stage(sizes: Sizes) -> Iterator[Told]:
    """Tell whether graphs give the tokens of single kernels, and what a step takes by each."""
    plans = {"single kernels": EAGER, "graphs": _CAPTURED}
    if sizes.on_gpu:
        plans["graphs, overlapped"] = _OVERLAPPED
    loaded = random_model(sizes.tiny["shared keys"], sizes.device)
    attention, capture = _in_place(sizes, loaded)
    if attention is None:
        yield skipped("graphs", "decoding does not read the cache in place here")
        return
    yield from _tokens(sizes, loaded, attention, capture, plans)
    yield from _times(sizes, random_model(sizes.large, sizes.device), capture, plans)
    if sizes.on_gpu:
        plans = {"single kernels": EAGER, "compiled": _COMPILED}
        yield from _tokens(sizes, loaded, attention, capture, plans)


def _in_place(sizes: Sizes, loaded: LoadedModel) -> tuple[Attention | None, Callable[[], Capture]]:
    """Return an attention that graphs can hold; on a CPU both are stand-ins."""
    if not sizes.on_gpu:
        return attention_by(Kernel().as_one_operation(), loaded), RecordedGraphs
    in_place = [one for one in ways(loaded).values() if one.is_paged]
    return (in_place[-1] if in_place else None), CudaGraphs  # the engine's choice comes last


def _tokens(
    sizes: Sizes,
    loaded: LoadedModel,
    attention: Attention,
    capture: Callable[[], Capture],
    plans: Mapping[str, StepPlan],
) -> Iterator[Told]:
    prompts = mixed_prompts(max(sizes.together), words=loaded.vocabulary, longest=sizes.longest)
    room = sum(map(len, prompts)) + len(prompts) * _TOKENS
    planned = layout(sizes, attention, tokens=room, rows=64)
    replies: dict[str, Any] = {}
    for way, plan in plans.items():
        with batch_of(loaded, attention, planned, steps=plan, capture=capture) as batch:
            replies[way] = batch.greedy(prompts, _TOKENS, _WITHIN_S)
    first, *others = replies
    for way in others:
        pairs = list(zip(replies[first], replies[way], strict=True))
        right = map(is_greedy_text, [loaded] * len(prompts), prompts, replies[way])
        yield finding(
            f"tiny Llama: tokens of {way} = tokens of {first}",
            f"{sum(one == other for one, other in pairs)}/{len(pairs)} replies equal, "
            f"{sum(right)}/{len(pairs)} right",
        )


def _times(
    sizes: Sizes,
    loaded: LoadedModel,
    capture: Callable[[], Capture],
    plans: Mapping[str, StepPlan],
) -> Iterator[Told]:
    attention, _ = _in_place(sizes, loaded)
    if attention is None:
        return
    batches, context = sizes.batches[:3], max(sizes.contexts)
    tokens = tokens_needed(max(batches), context, sizes.steps)
    planned = layout(sizes, attention, tokens=tokens, rows=max(batches), batch_tokens=2048)
    for way, plan in plans.items():
        with batch_of(loaded, attention, planned, steps=plan, capture=capture) as batch:
            asyncio.run(step_s(batch, 1, context, sizes.steps))  # warm
            ms = {
                count: 1000 * asyncio.run(step_s(batch, count, context, sizes.steps))
                for count in batches
            }
        shown = ", ".join(f"{count}: {one:.1f} ms" for count, one in ms.items())
        yield finding(f"{named(loaded)}, context {context}, {way}", shown, ms=ms)
