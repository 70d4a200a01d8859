"""The table of long prompts is made by code that runs here, on a tiny shape."""

from tests.benchmarks.prefill import LLAMA_7M, Load, line, stalls

TINY_SHAPE = {
    **LLAMA_7M,
    "vocab_size": 300,
    "hidden_size": 24,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
}


def test_both_ways_are_measured_before_during_and_after_the_prompt() -> None:
    found = stalls(TINY_SHAPE, Load(replies=2, prompt=600, seconds=0.3), rounds=1)
    assert list(found) == ["largest steps", "chunks"]
    for way, [one] in found.items():
        assert min(one.before, one.after, one.first_alone, one.first_beside) > 0
        assert one.gaps
        assert line(way, [one]).count("|") == 13
