"""Where a decoding step reads its keys: worked out once a step, not once more in every layer."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import torch

_MAX_PADDING = 2.0
"""A decoding step pads all keys to one length unless that reads more than so many times as much."""

_OF_STEP: Final = "arena_decode_reads"
"""Where the reads lie beside the lengths of a step's keys, which all its layers are given."""


@dataclass(frozen=True, slots=True)
class DecodeReads:
    """Keys of a step, padded to one length: `index` [sequences x longest] into the cache.

    `own` [sequences, longest] marks true keys; None where all are.
    """

    sequences: int
    longest: int
    index: torch.Tensor
    own: torch.Tensor | None


def decode_reads(
    bounds: MutableMapping[str, Any], layer_type: str, read_index: torch.Tensor
) -> DecodeReads | None:
    """Return the reads of a step with one query for each sequence; None where padding is too dear.

    `bounds` are the manager's `cu_seq_lens_k`, one mapping for all layers of a step; `read_index`
    are the places of all keys in the cache, one sequence after the other.
    """
    key = f"{_OF_STEP}_{layer_type}"
    if key not in bounds:
        bounds[key] = _worked_out(bounds[layer_type], read_index)
    reads: DecodeReads | None = bounds[key]
    return reads


def _worked_out(bounds: torch.Tensor, read_index: torch.Tensor) -> DecodeReads | None:
    ends = bounds.tolist()
    lengths = [end - begin for begin, end in pairwise(ends)]
    longest, sequences = max(lengths), len(lengths)
    if sequences * longest > _MAX_PADDING * ends[-1]:
        return None
    if min(lengths) == longest:
        return DecodeReads(sequences, longest, read_index, None)
    positions = torch.arange(longest)
    # Past its end a sequence reads its last key again, which the mask leaves out. Keys of another
    # one would not do: what is no number there stays none with a weight of 0.
    places = torch.minimum(bounds[:-1, None] + positions, bounds[1:, None] - 1)
    own = positions < bounds.diff()[:, None]
    return DecodeReads(sequences, longest, read_index[places.flatten()], own)
