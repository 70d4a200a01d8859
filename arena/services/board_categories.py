"""How models do in each category of a board."""

from collections.abc import Mapping
from dataclasses import replace

from arena.domain.conversation import ModelKey
from arena.services.comparisons import comparisons_of
from arena.statistics.clustered_rates import ClusteredRate, pooled_rates
from arena.storage.boards import BoardFilter, categories_of
from arena.storage.database import Connection


def category_rates(
    connection: Connection, chosen: BoardFilter
) -> Mapping[str, Mapping[ModelKey, ClusteredRate]]:
    """Pooled rates of every model that was compared, by category and then model.

    A key is what `BoardFilter.category` takes: `NO_CATEGORY` stands for votes without one. A
    category is as long as its flagged comparisons are left out of it empty, and then has no entry.
    """
    found: dict[str, Mapping[ModelKey, ClusteredRate]] = {}
    for category in categories_of(connection, chosen):
        comparisons = comparisons_of(connection, replace(chosen, category=category))
        if len(comparisons):
            found[category] = pooled_rates(comparisons)
    return found
