"""Ends the requests whose logits are no numbers, and no others.

To draw from such a row is an assert on CUDA, which ends the process's use of its GPU; on a CPU it
gives words of chance. Short number formats overflow now and then, most of all in half precision.
"""

from collections.abc import Sequence
from typing import Any, Final

import torch
from transformers import LogitsProcessor

BROKEN: Final = "the model's logits are not numbers: try another `dtype`, or quantise it otherwise"


def end_broken(states: Sequence[Any], finite: torch.Tensor) -> None:
    """Let requests end with an error at this step where their greatest logit is not finite.

    `states` are the manager's, `finite` tells of each. Waits for its device.
    """
    for state, is_finite in zip(states, finite.tolist(), strict=True):
        if not is_finite:
            state.error = BROKEN
            state.generated_tokens = list(state.generated_tokens)  # outputs share the one before
            state._new_tokens_limit = state.generated_len() + 1  # noqa: SLF001  (ends it as usual)


class FiniteScores(LogitsProcessor):
    """Makes every row one that can be drawn from; `broken` has the numbers of those that were not.

    For `generate()`, whose rows cannot end in their processors.
    """

    def __init__(self) -> None:
        self.broken: frozenset[int] = frozenset()

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return the scores, those of broken rows all equal."""
        del input_ids
        finite = scores.amax(dim=-1).isfinite()
        self.broken = frozenset(row for row, fine in enumerate(finite.tolist()) if not fine)
        if not self.broken:
            return scores
        return torch.where(finite[:, None], scores, 0.0)
