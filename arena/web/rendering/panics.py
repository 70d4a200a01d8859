"""Faults of the Rust libraries: a panic reaches Python as a BaseException without a module."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def unless_it_panics(
    call: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
) -> _Result | None:
    """Return what a function of a Rust library returns, or None if it panics."""
    try:
        return call(*args, **kwargs)
    except BaseException as fault:
        if type(fault).__name__ != "PanicException":
            raise
        return None
