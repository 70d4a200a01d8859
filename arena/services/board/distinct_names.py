"""Names by which the models of a board are told apart."""

from collections import Counter
from collections.abc import Mapping, Sequence

from arena.domain.conversation import ModelKey


def distinct_names(names: Mapping[ModelKey, str], met: Sequence[ModelKey]) -> dict[ModelKey, str]:
    """Name the models met, followed by the key where two names in the arena read the same."""
    seen = Counter(_as_read(name) for name in names.values())
    return {
        key: f"{name} ({key})" if seen[_as_read(name)] > 1 else name
        for key in met
        for name in [names.get(key, key)]
    }


def _as_read(name: str) -> str:
    return " ".join(name.split())
