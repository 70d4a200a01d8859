"""One padded batch through transformers' own `generate()`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
)

from arena.engine.batching.generator import SamplingParams
from arena.engine.loading.loader import LoadedModel


@dataclass(frozen=True, slots=True)
class PaddedBatch:
    """Prompts of one length, padded on the left. `ids` and `mask` are (rows, longest prompt)."""

    ids: torch.Tensor
    mask: torch.Tensor
    pad: int

    def replies(self, ids: torch.Tensor) -> list[list[int]]:
        """Return what `ids` has beyond the prompts."""
        return [[int(token) for token in row] for row in ids[:, self.ids.shape[1] :]]


def padded(
    loaded: LoadedModel, prompts: Sequence[Sequence[int]], end: frozenset[int]
) -> PaddedBatch:
    """Pad prompts on the left, with an id that ends no reply, on the model's device."""
    longest = max(len(prompt) for prompt in prompts)
    pad = _padding(loaded, end)
    rows = [[pad] * (longest - len(prompt)) + list(prompt) for prompt in prompts]
    masks = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    device = loaded.model.device
    return PaddedBatch(torch.tensor(rows, device=device), torch.tensor(masks, device=device), pad)


def generate_batch(
    loaded: LoadedModel,
    prompts: Sequence[Sequence[int]],
    sampling: SamplingParams,
    *,
    end: frozenset[int],
    stopping_criteria: Sequence[StoppingCriteria] = (),
    logits_processors: Sequence[LogitsProcessor] = (),
) -> list[list[int]]:
    """Generate for all prompts with one sampling, blocking; return the new tokens of each row.

    Rows that have ended early are padded on the right. `logits_processors` see the scores of each
    step; `stopping_criteria` are called after it and may end rows.
    """
    batch = padded(loaded, prompts, end)
    with torch.inference_mode():
        output: Any = loaded.model.generate(
            batch.ids,
            attention_mask=batch.mask,
            generation_config=_config(sampling, end, batch.pad),
            logits_processor=LogitsProcessorList(logits_processors),
            stopping_criteria=StoppingCriteriaList(stopping_criteria),
        )
    return batch.replies(output)


def _config(sampling: SamplingParams, end: frozenset[int], pad: int) -> GenerationConfig:
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
