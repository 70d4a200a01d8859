"""What an admin sees at a glance: models with their state, battles, votes, recent failures."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.accounts import Caller, require_admin
from arena.domain.battle import BattleState
from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey
from arena.inference.backend import ControlTokens, LastFailure, ModelState, ModelStatus
from arena.inference.traffic import Phase
from arena.services.failures import Failure
from arena.services.operations.recent import RecentWork, recent_work
from arena.storage.battles import count_battles
from arena.storage.database import Database, StorageError
from arena.storage.recent_work import RecentReplies
from arena.storage.replies import count_failures

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelOverview:
    """One line of the admin's table.

    `failures` counts this model's failed replies, `restarts` those of its engine after a failure;
    `ram_bytes` and `gpu_bytes` are what its engine holds, None where that is not known.
    `last_failure` is None after a good reply. `waiting` and `answering` are open requests, by
    whether their first text has come; `recent` are its replies of the last 24 hours.
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
    waiting: int = 0
    answering: int = 0
    recent: RecentReplies = field(default_factory=RecentReplies)


@dataclass(frozen=True, slots=True)
class Overview:
    """The arena now."""

    models: tuple[ModelOverview, ...]
    battles: Mapping[BattleState, int]
    recent_failures: Sequence[Failure] = ()
    recent: RecentWork = field(default_factory=RecentWork)

    @property
    def votes(self) -> int:
        """Number of battles with a vote."""
        return self.battles.get(BattleState.VOTED, 0)


@dataclass(frozen=True, slots=True)
class _Counted:
    battles: Mapping[BattleState, int]
    failures: Mapping[ModelKey, int]
    recent: RecentWork


class Overviews:
    """Overviews for admins. Blocking."""

    def __init__(
        self,
        database: Database,
        catalog: ModelCatalog,
        statuses: Callable[[], Mapping[ModelKey, ModelStatus]],
        *,
        clock: Clock,
        open_requests: Callable[[], Mapping[tuple[ModelKey, Phase], int]],
        recent_failures: Callable[[], Sequence[Failure]] = tuple,
    ) -> None:
        self._database = database
        self._clock = clock
        self._open_requests = open_requests
        self._catalog = catalog
        self._statuses = statuses
        self._recent_failures = recent_failures

    def overview(self, caller: Caller | None) -> Overview:
        """Describe the arena as it is now; raises `NotAllowed` for anybody but an admin.

        Without numbers from a database that cannot be read: what is wrong is in `recent_failures`.
        """
        require_admin(caller)
        statuses, requests = self._statuses(), self._open_requests()
        counted = self._counted()
        models = tuple(
            _model(row, statuses[ModelKey(row.key)], counted, requests)
            for row in self._catalog.enabled()
        )
        return Overview(models, counted.battles, self._recent_failures(), counted.recent)

    def _counted(self) -> _Counted:
        try:
            with self._database.reading() as connection:
                return _Counted(
                    count_battles(connection),
                    count_failures(connection),
                    recent_work(connection, self._clock.now()),
                )
        except StorageError:
            logger.exception("battles, votes and failures could not be counted")
            return _Counted({}, {}, RecentWork())


def _model(
    row: ModelRow,
    status: ModelStatus,
    counted: _Counted,
    requests: Mapping[tuple[ModelKey, Phase], int],
) -> ModelOverview:
    key = ModelKey(row.key)
    return ModelOverview(
        key=key,
        name=row.name,
        state=status.state,
        detail=_detail(status),
        failures=counted.failures.get(key, 0),
        restarts=status.restarts,
        ram_bytes=status.memory.ram_bytes,
        gpu_bytes=status.memory.gpu_bytes,
        last_failure=status.failure,
        control_tokens=status.control_tokens,
        waiting=requests.get((key, Phase.WAITING), 0),
        answering=requests.get((key, Phase.ANSWERING), 0),
        recent=counted.recent.replies.get(key, RecentReplies()),
    )


def _detail(status: ModelStatus) -> str:
    told = (status.progress, status.last_error)
    ordered = reversed(told) if status.state is ModelState.FAILED else told
    return " · ".join(part for part in ordered if part)
