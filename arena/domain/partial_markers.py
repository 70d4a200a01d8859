"""Markers such as stop strings in a stream of text, cut anywhere between its pieces."""


def marker_overlap(text: str, marker: str) -> int:
    """Return how many of the last characters of `text` may be the beginning of `marker`.

    The whole marker does not count: whoever asks has looked for it before.
    """
    lengths = range(min(len(text), len(marker) - 1), 0, -1)
    return next((n for n in lengths if text.endswith(marker[:n])), 0)
