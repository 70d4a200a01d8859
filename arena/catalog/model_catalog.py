"""The models that the arena knows, in the order of their file."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from arena.catalog.faults import CatalogError, Fault, UnknownModelError
from arena.catalog.rows import ModelRow
from arena.catalog.rules import PIN_DEMAND, lacks_pin


@dataclass(frozen=True, slots=True)
class ModelCatalog:
    """Every row of one catalog file, enabled or not."""

    path: Path
    models: tuple[ModelRow, ...]

    def enabled(self) -> tuple[ModelRow, ...]:
        """Return the rows that take part."""
        return tuple(row for row in self.models if row.enabled)

    def get(self, key: str) -> ModelRow:
        """Return the row of a key; raise UnknownModelError when there is none."""
        self._refuse_unknown([key])
        return next(row for row in self.models if row.key == key)

    def only(self, keys: Collection[str]) -> "ModelCatalog":
        """Return the same catalog with exactly these rows enabled.

        Raises UnknownModelError for unknown keys, CatalogError for a row that may not be enabled
        as it stands.
        """
        self._refuse_unknown(keys)
        chosen = [row.model_copy(update={"enabled": row.key in keys}) for row in self.models]
        faults = [
            Fault(0, f"models.{row.key}.revision", PIN_DEMAND)
            for row in chosen
            if lacks_pin(dict(row))
        ]
        if faults:
            raise CatalogError(self.path, tuple(faults))
        return ModelCatalog(self.path, tuple(chosen))

    def _refuse_unknown(self, keys: Collection[str]) -> None:
        known = [str(row.key) for row in self.models]
        unknown = [key for key in keys if key not in known]
        if unknown:
            raise UnknownModelError(self.path, unknown, known)
