"""The table of SmolLM2 is made by code that runs here, on figures of nobody's machine."""

from tests.benchmarks.bursts import Row
from tests.benchmarks.smollm import lines


def test_each_way_is_compared_with_plain_generate() -> None:
    rows = {
        "whole arena": Row(30.0, first_p50=0.5, first_p95=1.0, cpu_ms_per_token=60.0),
        "plain generate": Row(12.0, first_p50=5.0, first_p95=9.0, cpu_ms_per_token=150.0),
    }
    assert lines({16: rows}) == [
        "| 8 | whole arena | 30.0 | 2.50 | 0.5 s | 60 |",
        "| 8 | plain generate | 12.0 | 1.00 | 5.0 s | 150 |",
    ]
