"""Chooses the next token of each row of a batch without sorting the vocabulary.

transformers' per-request processors sort all words of every row twice a step, also where no row
asks for top-k or top-p. Here a row costs what it asks for: nothing when it is greedy, one softmax
when it is not limited, the likeliest words for top-k, and a few sums for top-p.
"""

from collections import deque
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
from arena.engine.batching.device_copies import to_device, to_host
from arena.engine.batching.top_p import least_of_share

_WORDS_AT_ONCE: Final = 2**16
"""Of all rows together: 256 KiB of chances, which the second cache of a core holds."""


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
        places = to_device(sampled, logits.device)
        tokens[places] = _sampled(logits[places], [rows[at] for at in sampled])
    return tokens


def _sampled(logits: torch.Tensor, rows: Sequence[RowSampling]) -> torch.Tensor:
    """Draw each row's word; on a CPU so many rows at once as its caches hold, often one."""
    size = len(rows)
    if logits.device.type == "cpu":
        size = max(_WORDS_AT_ONCE // logits.shape[-1], 1)
    parts = [slice(begin, begin + size) for begin in range(0, len(rows), size)]
    return torch.cat([_drawn(_chances(logits[part], rows[part]), rows[part]) for part in parts])


def _chances(logits: torch.Tensor, rows: Sequence[RowSampling]) -> torch.Tensor:
    """Return the chances of the words that limits let through, and 0 for others.

    Shape [rows, words]; where a row has limits, its chances are together less than 1.
    """
    heat = to_device([[row.temperature] for row in rows], logits.device)
    scores = logits.float() / heat
    chances = scores.softmax(dim=-1)
    if any(row.top_k for row in rows):
        chances.mul_(scores >= _least_of_count(scores, rows))
    if shared := [at for at, row in enumerate(rows) if row.top_p]:
        share = to_device([[rows[at].top_p] for at in shared], logits.device)
        places = to_device(shared, logits.device)
        own, least = chances[places], torch.zeros_like(heat)
        counts = [rows[at].top_k for at in shared]
        most = max(filter(None, counts)) if all(counts) else None
        least[places] = least_of_share(own, share * own.sum(dim=-1, keepdim=True), most)
        chances.mul_(chances >= least)
    return chances


def _least_of_count(scores: torch.Tensor, rows: Sequence[RowSampling]) -> torch.Tensor:
    """Return the least score that each row's top-k lets through, shape [rows, 1]."""
    words = scores.shape[-1]
    counts = [min(row.top_k or words, words) for row in rows]
    places = to_device([[count - 1] for count in counts], scores.device)
    most = max(count for count, row in zip(counts, rows, strict=True) if row.top_k)
    least = scores.topk(most, dim=-1).values.gather(-1, places.clamp(max=most - 1))
    return least.masked_fill_(places >= most, -torch.inf)


def _drawn(chances: torch.Tensor, rows: Sequence[RowSampling]) -> torch.Tensor:
    """Draw one word of each row, by its own random number."""
    ends = chances.cumsum(dim=-1, dtype=torch.float64)
    at = to_device([[row.draws.random()] for row in rows], ends.device, torch.float64)
    found = torch.searchsorted(ends, at * ends[:, -1:], right=True)
    return found.clamp_(max=ends.shape[-1] - 1)[:, 0]


class RowSampler(ContinuousBatchingLogitsProcessorList):
    """Stands for the manager's processors: gives all rows' tokens at once.

    The manager must not sample itself (`do_sample=False`): it takes the greatest score of each
    row, which is the chosen token's. Not for captured graphs: the rows of a step are Python's.

    `waits`: which rows are no numbers is known when it returns; else the next `settle` tells the
    rows of the oldest step that it has not told yet, which must have been computed by then.
    """

    def __init__(self, *, waits: bool = True) -> None:
        super().__init__(LogitsProcessorList())
        self.do_processing = True
        self.supported_keys = {"sampling": RowSampling}
        self._waits = waits
        self._rows: list[RowSampling] = []
        self._states: list[Any] = []
        self._untold: deque[tuple[list[Any], torch.Tensor]] = deque()

    def prepare_tensor_args(self, requests_in_batch: Any, arg_storage: torch.Tensor) -> Any:
        """Note how the rows of the coming step are sampled; called right before it."""
        self._states = [one.state for one in requests_in_batch if one.has_new_token]
        self._rows = [
            state.logit_processor_kwargs.get("sampling", GREEDY_ROW) for state in self._states
        ]
        return arg_storage

    def __call__(
        self, input_ids: torch.Tensor, scores: torch.Tensor, logits_processor_args: Any
    ) -> torch.Tensor:
        """Return scores of which the chosen token's is the greatest."""
        del input_ids, logits_processor_args
        rows = scores[: len(self._rows)]
        finite = rows.amax(dim=-1).isfinite()
        if not all(row.is_greedy for row in self._rows):
            tokens = next_tokens(rows, self._rows)
            rows.scatter_(1, tokens[:, None], torch.inf)
        if self._waits:
            end_broken(self._states, finite)
        else:
            self._untold.append((self._states, to_host(finite)))
        return scores

    def settle(self) -> None:
        """End requests without numbers, of the oldest step that was not told yet."""
        if self._untold:
            end_broken(*self._untold.popleft())
