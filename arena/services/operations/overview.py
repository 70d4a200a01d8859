"""What an admin sees at a glance: models with their state, battles, votes, recent failures."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.accounts import Caller, require_admin
from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.inference.backend import ControlTokens, LastFailure, ModelState, ModelStatus
from arena.services.failures import Failure
from arena.storage.battles import count_battles
from arena.storage.database import Database, StorageError
from arena.storage.replies import count_failures

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelOverview:
    """One line of the admin's table.

    `failures` counts this model's failed replies, `restarts` those of its engine after a failure;
    `ram_bytes` and `gpu_bytes` are what its engine holds, None where that is not known.
    `last_failure` is None after a good reply.
    """

    key: ModelKey
    name: str
    state: ModelState
    detail: str
    failures: int
    restarts: int = 0
    ram_bytes: int | None = None
    gpu_bytes: int | None = None
    last_failure: LastFailure | None = None
    control_tokens: ControlTokens | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The arena now."""

    models: tuple[ModelOverview, ...]
    battles: Mapping[BattleState, int]
    recent_failures: Sequence[Failure] = ()

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
        recent_failures: Callable[[], Sequence[Failure]] = tuple,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._statuses = statuses
        self._recent_failures = recent_failures

    def overview(self, caller: Caller | None) -> Overview:
        """Describe the arena as it is now; raises `NotAllowed` for anybody but an admin.

        Without numbers from a database that cannot be read: what is wrong is in `recent_failures`.
        """
        require_admin(caller)
        statuses = self._statuses()
        battles, failures = self._counted()
        models = tuple(
            _model(row, statuses[ModelKey(row.key)], failures.get(ModelKey(row.key), 0))
            for row in self._catalog.enabled()
        )
        return Overview(models, battles, self._recent_failures())

    def _counted(self) -> tuple[Mapping[BattleState, int], Mapping[ModelKey, int]]:
        try:
            with self._database.reading() as connection:
                return count_battles(connection), count_failures(connection)
        except StorageError:
            logger.exception("battles and failures could not be counted")
            return {}, {}


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
        last_failure=status.failure,
        control_tokens=status.control_tokens,
    )


def _detail(status: ModelStatus) -> str:
    told = (status.progress, status.last_error)
    ordered = reversed(told) if status.state is ModelState.FAILED else told
    return " · ".join(part for part in ordered if part)
