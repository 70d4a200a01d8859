"""Tests at load whether a way of batching gives the text of a plain forward pass."""

from collections.abc import Sequence

import torch

from arena.engine.loading.loader import LoadedModel
from arena.engine.loading.tokenizing import text_ids

TEST_TOKENS = 8
_SLACK = {torch.float32: 0.01}
_SLACK_OF_SHORT_FORMATS = 0.25
_SENTENCES = (
    "The quick brown fox jumps over the lazy dog. 1 2 3",
    "Once upon a time there was a small machine that counted: one, two, three, four, five.",
)


def test_prompts(loaded: LoadedModel) -> list[list[int]]:
    """Return two prompts of different lengths: batching faults show when lengths differ."""
    return [text_ids(loaded.tokenizer, text, plain=True) for text in _SENTENCES]


def is_greedy_text(loaded: LoadedModel, prompt: Sequence[int], reply: Sequence[int]) -> bool:
    """Return whether each token of `reply` is what a plain forward pass would choose, or nearly.

    Exact equality would refuse good architectures: two ways to sum the same numbers differ in
    the last bits, and near-ties fall either way. The slack is a fraction of the standard
    deviation of the logits at each place; a wrong cache or mask is off by far more.
    """
    ids = torch.tensor([[*prompt, *reply]], device=loaded.model.device)
    with torch.inference_mode():
        logits = loaded.model(input_ids=ids, use_cache=False).logits[0].float()
    deciding = logits[len(prompt) - 1 : len(prompt) - 1 + len(reply)]
    chosen = deciding.gather(1, ids[0, len(prompt) :, None])[:, 0]
    slack = _SLACK.get(loaded.model.dtype, _SLACK_OF_SHORT_FORMATS) * deciding.std(dim=1)
    return len(reply) > 0 and bool((deciding.max(dim=1).values - chosen <= slack).all())
