"""What has to be held back of a text because a marker may begin there."""

import pytest

from arena.domain.partial_markers import marker_overlap


@pytest.mark.parametrize(
    ("text", "overlap"),
    [("", 0), ("abc", 0), ("abc<", 1), ("a</thin", 6), ("</think>", 0), ("<<", 1), ("</<", 1)],
)
def test_the_longest_end_of_a_text_that_begins_a_marker(text: str, overlap: int) -> None:
    assert marker_overlap(text, "</think>") == overlap
