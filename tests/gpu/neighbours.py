"""A greedy reply does not depend on who shares its batch, as far as short numbers allow."""

import random
from collections.abc import Iterator

from arena.engine.batching.attention_choice import attention_of
from arena.engine.batching.self_test import is_greedy_text
from tests.benchmarks.gpu import random_model
from tests.gpu.sizes import Sizes
from tests.gpu.stages import Told, finding
from tests.gpu.ways import batch_of, layout, mixed_prompts

_TOKENS = 24
_WITHIN_S = 60.0


def stage(sizes: Sizes) -> Iterator[Told]:
    """Repeat replies of one prompt alone and among others; near-ties may fall either way."""
    shape = sizes.tiny["shared keys"]
    loaded = random_model(shape, sizes.device)
    attention = attention_of(loaded)
    source = random.Random(1)
    prompt = [source.randrange(3, shape["vocab_size"]) for _ in range(100)]
    others = mixed_prompts(sizes.neighbours, words=shape["vocab_size"], longest=sizes.longest)
    replies = []
    for beside in ([], [], others, list(reversed(others))):
        prompts = [prompt, *beside]
        room = sum(map(len, prompts)) + len(prompts) * _TOKENS
        planned = layout(sizes, attention, tokens=room, rows=128)
        with batch_of(loaded, attention, planned) as batch:
            replies.append(batch.greedy(prompts, _TOKENS, _WITHIN_S)[0])
    same = [one == replies[0] for one in replies[1:]]
    right = all(is_greedy_text(loaded, prompt, one) for one in replies)
    yield finding(
        f"a greedy reply of {_TOKENS} tokens, repeated alone and among {sizes.neighbours}",
        f"alone {'equal' if same[0] else 'DIFFERENT'}, among others {sum(same[1:])} of 2 equal; "
        f"{'all right but for near-ties' if right else 'WRONG TEXT'}",
    )
