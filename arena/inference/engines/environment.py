"""What the engine of a row may know of an environment."""

from collections.abc import Mapping

from arena.catalog import ModelRow
from arena.checkpoints.hub_cache import is_hub_model
from arena.child_environment import engine_environment


def environment_of(row: ModelRow, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the engine of a row may know of an environment.

    A model of the hub gets its token, also where that opens a remote model of the hub too: gated
    weights need it.
    """
    return engine_environment(environment, from_hub=is_hub_model(row), named=row.environment)
