"""The models that a board can name, by key and by configuration."""

from sqlalchemy import Connection, select

from arena.domain.conversation import ModelKey
from arena.storage.schema import models


def model_names(connection: Connection) -> dict[ModelKey, str]:
    """Return the name of every model ever registered, as in its newest snapshot."""
    rows = connection.execute(select(models.c.key, models.c.name).order_by(models.c.id))
    return {ModelKey(key): name for key, name in rows}


def remote_models(connection: Connection) -> frozenset[ModelKey]:
    """Return the models that a server answers for, as in their newest snapshots."""
    rows = connection.execute(select(models.c.key, models.c.configuration).order_by(models.c.id))
    backends = {ModelKey(key): configuration.get("backend") for key, configuration in rows}
    return frozenset(key for key, backend in backends.items() if backend == "openai")


def model_keys(connection: Connection) -> dict[int, ModelKey]:
    """Return the catalog key of every configuration by its number."""
    rows = connection.execute(select(models.c.id, models.c.key))
    return {number: ModelKey(key) for number, key in rows}
