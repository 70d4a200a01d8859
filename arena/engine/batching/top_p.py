"""The least chance that top-p lets through, on a CPU without sorting the vocabulary.

A sort of 49,152 words takes a core 4 ms a row, and the sum of those above a bound a two-hundredth
of it: the bound is found by halving, on its bits. A GPU sorts.
"""

from struct import pack, unpack
from typing import Final

import torch
from torch.nn.functional import threshold

_FIRST_LOOK: Final = 128
"""So many of the likeliest words are looked at first: more than are let through most often."""

_FEW: Final = 4096
"""Words that a CPU sorts sooner than it halves."""

_ROUNDING: Final = 1e-5
"""More than a sum of all chances differs from 1."""

_FLOAT32: Final = "<f"
_ITS_BITS: Final = "<i"
"""As integers, the bits of positive numbers are in the order of the numbers."""


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
    return torch.tensor([[_halved(row, wanted)] for row, wanted in pairs])


def least_of_sorted(
    chances: torch.Tensor, share: torch.Tensor, most: int | None = None
) -> torch.Tensor:
    """Return the same by putting all words, or the likeliest `most`, in order."""
    if most is None or most >= chances.shape[-1]:
        return _least_in_order(chances.sort(dim=-1, descending=True).values, share)[0]
    return _least_in_order(chances.topk(most, dim=-1).values, share)[0]


def _halved(chances: torch.Tensor, share: float) -> float:
    """Return the least number above which the chances of one row have less than the share.

    Whatever is left out has more than 1 - share, and its greatest more than that by the words.
    """
    rest = float(chances.sum()) - share - _ROUNDING
    low, high = _bits(max(rest, 0.0) / len(chances)), _bits(float(chances.amax()))
    while low < high:
        middle = (low + high) // 2
        if float(threshold(chances, _number(middle), 0.0).sum()) < share:
            high = middle
        else:
            low = middle + 1
    return _number(high)


def _bits(number: float) -> int:
    (bits,) = unpack(_ITS_BITS, pack(_FLOAT32, number))
    return int(bits)


def _number(bits: int) -> float:
    (number,) = unpack(_FLOAT32, pack(_ITS_BITS, bits))
    return float(number)
