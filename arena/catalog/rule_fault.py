"""A broken rule between the fields of a row."""

from typing import NamedTuple


class RuleFault(NamedTuple):
    """A broken rule at a field of the row, dotted inside a block."""

    field: str
    message: str
