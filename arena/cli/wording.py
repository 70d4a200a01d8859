"""Counts with their nouns."""


def pluralized(number: int, one: str, many: str | None = None) -> str:
    """Write `1 vote`, `1200 votes`; `many` is an irregular plural."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
