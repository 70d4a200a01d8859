"""Numbers of bytes as people read them."""

import pytest

from arena.domain.byte_sizes import GIB, MIB, size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0.0 MiB"), (5 * MIB, "5.0 MiB"), (GIB / 10, "0.1 GiB"), (3 * GIB // 2, "1.5 GiB")],
)
def test_a_size_is_in_gib_or_below_a_tenth_of_one_in_mib(size: float, text: str) -> None:
    assert size_text(size) == text
