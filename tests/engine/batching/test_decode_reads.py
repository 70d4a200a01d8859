"""A decoding step reads every sequence's own keys, worked out once for all layers."""

import torch

from arena.engine.batching.decode_reads import DecodeReads, decode_reads

FULL = "full_attention"


def reads_of(lengths: list[int]) -> DecodeReads | None:
    """Keys of the n-th sequence stand from 100 n on in the cache."""
    ends = torch.tensor([0, *lengths]).cumsum(0)
    places = [100 * at + key for at, length in enumerate(lengths) for key in range(length)]
    return decode_reads({FULL: ends}, FULL, torch.tensor(places))


def test_shorter_sequences_are_padded_with_their_own_last_key_which_is_masked() -> None:
    reads = reads_of([3, 2, 4])
    assert reads is not None
    assert reads.own is not None
    assert (reads.sequences, reads.longest) == (3, 4)
    assert reads.index.view(3, 4).tolist() == [
        [0, 1, 2, 2],
        [100, 101, 101, 101],
        [200, 201, 202, 203],
    ]
    assert reads.own.sum(1).tolist() == [3, 2, 4]


def test_sequences_of_one_length_need_no_mask_and_no_new_index() -> None:
    alone, equal = reads_of([5]), reads_of([2, 2])
    assert alone is not None
    assert equal is not None
    assert alone.own is None
    assert equal.own is None
    assert equal.index.tolist() == [0, 1, 100, 101]


def test_very_different_lengths_are_not_padded() -> None:
    assert reads_of([1, 1, 90]) is None


def test_all_layers_of_a_step_share_one_answer_and_the_next_step_has_its_own() -> None:
    places = torch.arange(5)
    step = {FULL: torch.tensor([0, 2, 5])}
    first = decode_reads(step, FULL, places)
    assert first is not None
    assert decode_reads(step, FULL, places) is first
    assert decode_reads({FULL: torch.tensor([0, 2, 5])}, FULL, places) is not first
