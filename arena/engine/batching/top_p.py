"""The least chance that top-p lets through, on a CPU without sorting the vocabulary.

A sort of 49,152 words takes a core 4 ms a row, and sums by the bits of the chances a tenth of it.
A GPU sorts.
"""

from struct import pack, unpack
from typing import Final

import torch

_FIRST_LOOK: Final = 128
"""So many of the likeliest words are looked at first: more than are let through most often."""

_FEW: Final = 4096
"""Words that a CPU sorts sooner than it counts."""

_HALF: Final = 16
_LOWER: Final = 2**_HALF - 1
"""Half of the bits of a float32."""


def least_of_share(
    chances: torch.Tensor, share: torch.Tensor, most: int | None = None
) -> torch.Tensor:
    """Return the least chance that `share` [rows, 1] lets through of chances [rows, words].

    As top-p is defined: a word is let through while those that are likelier have less than the
    share. Returns [rows, 1]. Sums are float32; rows that are no numbers give anything.
    `most`: no row has more chances than so many, but for such as are equal to the last.
    """
    if chances.device.type != "cpu":  # to look at a few first would wait for the device
        return least_of_sorted(chances, share, most)
    best = chances.topk(min(_FIRST_LOOK, chances.shape[-1]), dim=-1).values
    least, last = _least_in_order(best, share)
    ends = last[:, 0].tolist()
    left = [row for row, end in enumerate(ends) if end == best.shape[-1] - 1]
    if left and best.shape != chances.shape:
        least[left] = _least_of_all(chances[left], share[left])
    return least


def _least_in_order(
    ordered: torch.Tensor, share: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the last chance that is let through of those in falling order, and its place."""
    is_in = ordered.cumsum(-1) - ordered < share
    last = is_in.sum(-1, keepdim=True).clamp_(min=1) - 1
    return ordered.gather(-1, last), last


def _least_of_all(chances: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    if chances.shape[-1] <= _FEW:
        return least_of_sorted(chances, share)
    pairs = zip(chances, share[:, 0].tolist(), strict=True)
    return torch.tensor([[_counted(row, wanted)] for row, wanted in pairs])


def least_of_sorted(
    chances: torch.Tensor, share: torch.Tensor, most: int | None = None
) -> torch.Tensor:
    """Return the same by putting all words, or the likeliest `most`, in order."""
    if most is None or most >= chances.shape[-1]:
        return _least_in_order(chances.sort(dim=-1, descending=True).values, share)[0]
    return _least_in_order(chances.topk(most, dim=-1).values, share)[0]


def _counted(chances: torch.Tensor, share: float) -> float:
    """Return the least chance of one row that is let through, found by its bits.

    As integers, the bits of positive numbers are in the order of the numbers: first the sums of
    all chances with the same upper half are made, then of those within the half that matters.
    """
    bits, weights = chances.view(torch.int32), chances.double()
    halves = (bits >> _HALF).clamp_(min=0)  # a number that is none may be negative
    high, missing = _reaching(halves, weights, share)
    inside = halves == high
    low, _ = _reaching(bits[inside] & _LOWER, weights[inside], missing)
    return _number(high << _HALF | low)


def _reaching(keys: torch.Tensor, weights: torch.Tensor, share: float) -> tuple[int, float]:
    """Return the greatest key such that it and those above it weigh the share, at least.

    And what those above it lack. Where all of them weigh less, the least key is 0.
    """
    sums = torch.bincount(keys, weights, minlength=1).flip(0).cumsum(0)
    at = min(int(torch.searchsorted(sums, share)), len(sums) - 1)
    return len(sums) - 1 - at, share - float(sums[at - 1] if at else 0.0)


def _number(bits: int) -> float:
    (number,) = unpack("<f", pack("<i", bits))
    return float(number)
