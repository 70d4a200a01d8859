"""What an admin sees at a glance: models with their state, battles, votes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.accounts import Caller, require_admin
from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.pool import ModelStatus
from arena.storage.battles import count_battles
from arena.storage.database import Database
from arena.storage.replies import count_failures


@dataclass(frozen=True, slots=True)
class ModelOverview:
    """One line of the admin's table.

    `failures` counts this model's failed replies, `restarts` those of its engine after a failure;
    `ram_bytes` and `gpu_bytes` are what its engine holds, None where that is not known.
    """

    key: ModelKey
    name: str
    state: ModelState
    detail: str
    failures: int
    restarts: int = 0
    ram_bytes: int | None = None
    gpu_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The arena now."""

    models: tuple[ModelOverview, ...]
    battles: Mapping[BattleState, int]

    @property
    def votes(self) -> int:
        """Number of battles with a vote."""
        return self.battles.get(BattleState.VOTED, 0)


class Overviews:
    """Overviews for admins. Blocking."""

    def __init__(
        self,
        database: Database,
        catalog: ModelCatalog,
        statuses: Callable[[], Mapping[ModelKey, ModelStatus]],
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._statuses = statuses

    def overview(self, caller: Caller | None) -> Overview:
        """The arena now; raises `NotAllowed` for anybody but an admin."""
        require_admin(caller)
        statuses = self._statuses()
        with self._database.reading() as connection:
            battles = count_battles(connection)
            failures = count_failures(connection)
        models = tuple(
            _model(row, statuses[ModelKey(row.key)], failures.get(ModelKey(row.key), 0))
            for row in self._catalog.enabled()
        )
        return Overview(models, battles)


def _model(row: ModelRow, status: ModelStatus, failures: int) -> ModelOverview:
    return ModelOverview(
        key=ModelKey(row.key),
        name=row.name,
        state=status.state,
        detail=_detail(status),
        failures=failures,
        restarts=status.restarts,
        ram_bytes=status.memory.ram_bytes,
        gpu_bytes=status.memory.gpu_bytes,
    )


def _detail(status: ModelStatus) -> str:
    told = (status.progress, status.last_error)
    ordered = reversed(told) if status.state is ModelState.FAILED else told
    return " · ".join(part for part in ordered if part)
