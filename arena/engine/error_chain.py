"""Errors and what caused them: libraries wrap the error that says what happened."""

from collections.abc import Iterator


def error_chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, then what it was raised from, to the first cause."""
    while error is not None:
        yield error
        error = error.__cause__
