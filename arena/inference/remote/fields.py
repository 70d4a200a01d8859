"""Fields of what a server sent as JSON, which may be anything."""

from collections.abc import Mapping
from typing import Any


def fields(value: object) -> Mapping[str, Any]:
    """Return the fields of a JSON object; none where the server sent something else.

    Parsers make dictionaries of objects. To ask for `Mapping` takes several times as long, a
    dozen times a chunk.
    """
    return value if isinstance(value, dict) else {}
