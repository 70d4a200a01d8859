"""Numbers with their nouns."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 vote`, `1200 votes`; `many` where the plural takes more than an s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
