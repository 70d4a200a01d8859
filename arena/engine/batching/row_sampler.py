"""Chooses the next token of each row of a batch without sorting the vocabulary.

transformers' per-request processors sort all words of every row twice a step, also where no row
asks for top-k or top-p. Here a row costs what it asks for: nothing when it is greedy, one softmax
when it is not limited, and as many of the likeliest words as its limits need.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import torch
from transformers import LogitsProcessorList
from transformers.generation.continuous_batching.cb_logits_processors import (
    ContinuousBatchingLogitsProcessorList,
)

from arena.engine.batching.broken_logits import end_broken

_LOOKS: Final = (128, 2048)
"""How many of the likeliest words are looked at, one after the other, before all are sorted."""


@dataclass(frozen=True, slots=True)
class RowSampling:
    """How one row is sampled: limits that are off are None; `draws` is the row's own randomness."""

    temperature: float
    top_k: int | None
    top_p: float | None
    draws: Random

    @property
    def is_greedy(self) -> bool:
        """Whether only the likeliest word may come."""
        return self.top_k == 1


GREEDY_ROW: Final = RowSampling(1.0, top_k=1, top_p=None, draws=Random(0))  # noqa: S311


def next_tokens(logits: torch.Tensor, rows: Sequence[RowSampling]) -> torch.Tensor:
    """Return one token id for each row of `logits` [rows, words]; ids are int64, shape [rows].

    Temperature, then top-k, then top-p, as in `transformers.generate`. Words as likely as the last
    one that a limit lets through are let through with it.
    """
    sampled = [at for at, row in enumerate(rows) if not row.is_greedy]
    if len(sampled) == len(rows):
        return _sampled(logits, rows)
    tokens = logits.argmax(dim=-1)
    if sampled:
        places = torch.tensor(sampled, device=logits.device)
        tokens[places] = _sampled(logits[places], [rows[at] for at in sampled])
    return tokens


def _sampled(logits: torch.Tensor, rows: Sequence[RowSampling]) -> torch.Tensor:
    heat = torch.tensor([[row.temperature] for row in rows], device=logits.device)
    scores = logits.float() / heat
    limited = [at for at, row in enumerate(rows) if row.top_k or row.top_p]
    if limited:
        places = torch.tensor(limited, device=logits.device)
        own = scores if len(limited) == len(rows) else scores[places]
        least = torch.full_like(heat, -torch.inf)
        least[places] = _least_scores(own, [rows[at] for at in limited])
        scores.masked_fill_(scores < least, -torch.inf)
    return _drawn(scores, rows)


def _least_scores(scores: torch.Tensor, rows: Sequence[RowSampling]) -> torch.Tensor:
    """Return the least score that each row's limits let through, shape [rows, 1]."""
    words = scores.shape[-1]
    least = torch.empty_like(scores[:, :1])
    open_rows = list(range(len(rows)))
    for looked_at in (*_LOOKS, words):
        if looked_at > words or not open_rows:
            continue
        places = torch.tensor(open_rows, device=scores.device)
        own = scores if len(open_rows) == len(rows) else scores[places]
        found, is_final = _least_among(own, [rows[at] for at in open_rows], looked_at)
        least[places] = found
        open_rows = [at for at, done in zip(open_rows, is_final.tolist(), strict=True) if not done]
    return least


def _least_among(
    scores: torch.Tensor, rows: Sequence[RowSampling], looked_at: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Look at the likeliest words alone: return the least scores [rows, 1], and where they are it.

    Of a row with top-k the shares are of what top-k lets through; else of all words.
    """
    words, device = scores.shape[-1], scores.device
    best = scores.topk(looked_at, dim=-1).values  # in falling order
    allowed = torch.tensor([[row.top_k or words] for row in rows], device=device)
    share = torch.tensor([[row.top_p or 1.0] for row in rows], device=device)
    counted = best.masked_fill(torch.arange(looked_at, device=device) >= allowed, -torch.inf)
    mass = counted.logsumexp(-1, keepdim=True)
    if any(row.top_k is None for row in rows):
        mass = torch.where(allowed < words, mass, scores.logsumexp(-1, keepdim=True))
    chances = (counted - mass).exp()
    is_in = (chances.cumsum(-1) - chances < share) & (counted > -torch.inf)
    is_in[:, 0] = True
    last = is_in.sum(-1, keepdim=True) - 1
    is_final = (allowed <= looked_at) | (last < looked_at - 1) | (looked_at == words)
    return best.gather(-1, last), is_final[:, 0]


def _drawn(scores: torch.Tensor, rows: Sequence[RowSampling]) -> torch.Tensor:
    """Draw one word from each row's softmax, by its own random number."""
    ends = scores.softmax(dim=-1).cumsum(dim=-1, dtype=torch.float64)
    at = torch.tensor([[row.draws.random()] for row in rows], dtype=torch.float64)
    found = torch.searchsorted(ends, at.to(ends.device) * ends[:, -1:], right=True)
    return found.clamp_(max=ends.shape[-1] - 1)[:, 0]


class RowSampler(ContinuousBatchingLogitsProcessorList):
    """Stands for the manager's processors: gives all rows' tokens at once.

    The manager must not sample itself (`do_sample=False`): it takes the greatest score of each
    row, which is the chosen token's. Not for captured graphs: the rows of a step are Python's.
    """

    def __init__(self) -> None:
        super().__init__(LogitsProcessorList())
        self.do_processing = True
        self.supported_keys = {"sampling": RowSampling}
        self._rows: list[RowSampling] = []
        self._states: list[Any] = []

    def prepare_tensor_args(self, requests_in_batch: Any, arg_storage: torch.Tensor) -> Any:
        """Note how the rows of the coming step are sampled; called right before it."""
        self._states = [one.state for one in requests_in_batch if one.has_new_token]
        self._rows = [state.logit_processor_kwargs["sampling"] for state in self._states]
        return arg_storage

    def __call__(
        self, input_ids: torch.Tensor, scores: torch.Tensor, logits_processor_args: Any
    ) -> torch.Tensor:
        """Return scores of which the chosen token's is the greatest."""
        del input_ids, logits_processor_args
        rows = scores[: len(self._rows)]
        greatest = rows.amax(dim=-1)
        if not all(row.is_greedy for row in self._rows):
            tokens = next_tokens(rows, self._rows)
            rows.scatter_(1, tokens[:, None], torch.inf)
        end_broken(self._states, greatest)
        return scores
