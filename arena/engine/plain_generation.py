"""One padded batch through transformers' own `generate()`."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList

from arena.engine.generation import TokenSampling
from arena.engine.loading import LoadedModel


def generate_batch(
    loaded: LoadedModel,
    prompts: Sequence[Sequence[int]],
    sampling: TokenSampling,
    *,
    end: frozenset[int],
    following: Sequence[StoppingCriteria] = (),
) -> list[list[int]]:
    """Generate for all prompts with one sampling, blocking; return the new tokens of each row.

    Shorter prompts are padded on the left. Rows that have ended early are padded on the right.
    `following` is called after each step and may end rows.
    """
    longest = max(len(prompt) for prompt in prompts)
    pad = _padding(loaded, end)
    rows = [[pad] * (longest - len(prompt)) + list(prompt) for prompt in prompts]
    masks = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    device = loaded.model.device
    with torch.inference_mode():
        output: Any = loaded.model.generate(
            torch.tensor(rows, device=device),
            attention_mask=torch.tensor(masks, device=device),
            generation_config=_config(sampling, end, pad),
            stopping_criteria=StoppingCriteriaList(following),
        )
    return [[int(token) for token in row[longest:]] for row in output]


def _config(sampling: TokenSampling, end: frozenset[int], pad: int) -> GenerationConfig:
    sampled = sampling.top_k > 1
    return GenerationConfig(  # type: ignore[no-untyped-call]
        max_new_tokens=sampling.max_new_tokens,
        eos_token_id=sorted(end) or None,
        pad_token_id=pad,
        do_sample=sampled,
        repetition_penalty=sampling.repetition_penalty,
        temperature=sampling.temperature if sampled else None,
        top_p=sampling.top_p if sampled else None,
        top_k=sampling.top_k if sampled else None,
    )


def _padding(loaded: LoadedModel, end: frozenset[int]) -> int:
    """Return a padding id that ends no reply, or a repetition penalty would discourage the end."""
    candidates = [loaded.tokenizer.pad_token_id, loaded.tokenizer.unk_token_id]
    known = [token for token in candidates if token is not None and token not in end]
    return int(known[0]) if known else next(t for t in range(loaded.vocabulary) if t not in end)
