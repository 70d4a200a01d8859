"""One padded batch, token by token, by nothing but the model's own forward pass.

For models that `generate()` cannot drive. Their cache goes back to them as they gave it (ChatGLM2
has tuples, which transformers 5 takes no more), or is not used at all: slow, and always right.
"""

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    StoppingCriteria,
    StoppingCriteriaList,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from arena.engine.batching.generator import SamplingParams
from arena.engine.batching.padded_generation import padded
from arena.engine.loading.loader import LoadedModel


def step_batch(
    loaded: LoadedModel,
    prompts: Sequence[Sequence[int]],
    sampling: SamplingParams,
    *,
    end: frozenset[int],
    stopping_criteria: Sequence[StoppingCriteria] = (),
    logits_processors: Sequence[LogitsProcessor] = (),
    cached: bool,
) -> list[list[int]]:
    """Do what `generate_batch` does; `cached` False reads the whole text anew for each token."""
    batch = padded(loaded, prompts, end)
    ends = torch.tensor(sorted(end), device=batch.ids.device)
    watching = StoppingCriteriaList(stopping_criteria)
    done = torch.zeros(len(prompts), dtype=torch.bool, device=batch.ids.device)
    processors, forward = _processors(sampling), _Forward(loaded.model, cached=cached)
    processors.extend(logits_processors)
    ids, mask = batch.ids, batch.mask
    with torch.inference_mode():
        for _ in range(sampling.max_new_tokens):
            scores = processors(ids, forward.logits(ids, mask))
            chosen = torch.where(done, batch.pad, _choice(scores, sampled=sampling.top_k > 1))
            ids = torch.cat([ids, chosen[:, None]], dim=1)
            mask = torch.cat([mask, mask.new_ones((len(prompts), 1))], dim=1)
            done = done | torch.isin(chosen, ends)
            if stopping_criteria:
                done = done | watching(ids, scores)
            if bool(done.all()):
                break
    return batch.replies(ids)


class _Forward:
    """A model with the cache that it returned last, whatever that is."""

    def __init__(self, model: Any, *, cached: bool) -> None:
        self._model = model
        self._cached = cached
        self._cache: Any = None
        self._takes_positions = "position_ids" in inspect.signature(model.forward).parameters

    def logits(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the logits after the last token of each row: (rows, vocabulary), float32."""
        begin = 0 if self._cache is None else ids.shape[1] - 1
        options: dict[str, Any] = {"attention_mask": mask, "use_cache": self._cached}
        if self._takes_positions:
            options["position_ids"] = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, begin:]
        if self._cache is not None:
            options["past_key_values"] = self._cache
        output = self._model(input_ids=ids[:, begin:], **options)
        if self._cached:
            self._cache = output.past_key_values
        last: torch.Tensor = output.logits[:, -1].float()
        return last


def _processors(sampling: SamplingParams) -> Any:
    """Return the processors in the order in which `generate()` applies them."""
    chain = LogitsProcessorList()
    if sampling.repetition_penalty != 1.0:
        chain.append(RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty))
    if sampling.top_k > 1:
        chain.append(TemperatureLogitsWarper(sampling.temperature))
        chain.append(TopKLogitsWarper(sampling.top_k))
        chain.append(TopPLogitsWarper(sampling.top_p))
    return chain


def _choice(scores: torch.Tensor, *, sampled: bool) -> torch.Tensor:
    if not sampled:
        return scores.argmax(dim=-1)
    return torch.multinomial(scores.softmax(dim=-1), 1)[:, 0]
