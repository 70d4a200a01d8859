"""Faults of the libraries that read answers: no answer may take the page of a battle down."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class MalformedError(ValueError):
    """HTML of comrak whose tags do not match, as for footnotes that refer to themselves."""


def unless_it_fails(
    call: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
) -> _Result | None:
    """Return what a function returns, or None if it raises; the caller shows the source then."""
    try:
        return call(*args, **kwargs)
    except Exception:  # noqa: BLE001
        return None
    except BaseException as fault:
        if type(fault).__name__ != "PanicException":  # Rust's, of no importable type
            raise
        return None
