"""The table of sampling is made by code that runs here, on a tiny shape."""

from tests.benchmarks.sampling import SMOLLM_135M, auto_format, samplings, speeds

TINY_SHAPE = {
    **SMOLLM_135M,
    "vocab_size": 300,
    "hidden_size": 24,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
}


def test_both_ways_answer_every_kind_of_sampling() -> None:
    found = list(speeds(TINY_SHAPE, "float32", requests=(1, 3), tokens=4, rounds=1))
    assert [(one.requests, one.sampling) for one in found] == [
        (count, name) for count in (1, 3) for name in samplings(300, 4)
    ]
    assert all(one.ours > 0 and one.theirs > 0 for one in found)


def test_auto_is_named_with_what_the_engine_takes() -> None:
    found = list(speeds(TINY_SHAPE, "auto", requests=(1,), tokens=2, rounds=1))
    assert auto_format(TINY_SHAPE) == "float32"
    assert {one.dtype for one in found} == {"auto: float32"}
