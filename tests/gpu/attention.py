"""Every way to attend gives each of 1, 8 and 64 mixed requests the text of a plain forward pass."""

from collections.abc import Iterator

from arena.engine.batching.self_test import TEST_TOKENS, is_greedy_text
from tests.benchmarks.gpu import random_model
from tests.gpu.sizes import Sizes
from tests.gpu.stages import Told, finding, skipped
from tests.gpu.ways import batch_of, candidate_fault, layout, mixed_prompts, ways

_WITHIN_S = 60.0


def stage(sizes: Sizes) -> Iterator[Told]:
    """Tell for each shape and way how many replies are right; prompts are longer than a step."""
    for name, shape in sizes.tiny.items():
        loaded = random_model(shape, sizes.device)
        for way, attention in ways(loaded).items():
            found = []
            for count in sizes.together:
                prompts = mixed_prompts(count, words=shape["vocab_size"], longest=sizes.longest)
                room = sum(map(len, prompts)) + count * TEST_TOKENS
                planned = layout(
                    sizes, attention, tokens=room, rows=64, batch_tokens=sizes.longest // 3
                )
                with batch_of(loaded, attention, planned) as batch:
                    replies = batch.greedy(prompts, TEST_TOKENS, _WITHIN_S)
                pairs = zip(prompts, replies, strict=True)
                right = sum(is_greedy_text(loaded, prompt, reply) for prompt, reply in pairs)
                found.append(f"{right}/{count}")
            yield finding(f"tiny Llama, {name}: {way}", f"{', '.join(found)} replies right")
        if sizes.on_gpu:
            yield finding(
                f"our own pages, {name}", candidate_fault(loaded) or "right by definition"
            )
    if not sizes.on_gpu:
        yield skipped("flash attention against its definition and a plain forward pass")
