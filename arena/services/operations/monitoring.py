"""What Prometheus reads of a running arena. It names models: for administrators only."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from arena import __version__
from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState, ModelStatus
from arena.inference.clock import Clock
from arena.inference.pool import ModelPool
from arena.inference.traffic import Outcome, Phase, Traffic
from arena.metrics import Count, Family, Metrics
from arena.services.battle.turn_runner import TurnRunner
from arena.services.failures import FailureLog
from arena.services.operations.loop_lag import LoopLag
from arena.storage.battles import count_battles
from arena.storage.database import Database
from arena.storage.health import room_of

_Label = TypeVar("_Label", Phase, Outcome)
_FIRST_TEXT_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_REPLY_S = (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)


def measured_traffic(metrics: Metrics, clock: Clock) -> Traffic:
    """Traffic that notes its durations in histograms."""
    return Traffic(
        clock=clock,
        first_text=metrics.histogram(
            "arena_first_text_seconds",
            "From asking a model to its first text",
            label="model",
            buckets=_FIRST_TEXT_S,
        ),
        whole=metrics.histogram(
            "arena_reply_seconds",
            "From asking a model to the end of its complete reply",
            label="model",
            buckets=_REPLY_S,
        ),
    )


def counted_responses(metrics: Metrics) -> Count:
    """Return what counts the responses of the page, by class of their status."""
    return metrics.counter(
        "arena_http_responses",
        "Responses of the page by class of status",
        label="status",
        values=_CLASSES,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """Reads everything at the moment of a scrape. Blocking.

    `ready` says whether battles can start, `stores` whether the database takes votes.
    """

    database: Database
    pool: ModelPool
    traffic: Traffic
    runner: TurnRunner
    lag: LoopLag
    failure_log: FailureLog
    ready: Callable[[], bool]
    stores: Callable[[], bool]

    def families(self) -> Iterator[Family]:
        """Every metric but those that are kept."""
        yield from self._arena()
        yield from self._models(self.pool.statuses())
        yield from self._requests()
        yield from self._battles()
        yield _now(
            "arena_event_loop_lag_seconds",
            "How late the event loop runs, a running mean",
            self.lag.seconds,
        )
        yield Family(
            name="arena_troubles",
            help="What went wrong behind the pages",
            labels=("kind",),
            values={(kind.value,): number for kind, number in self.failure_log.counted.items()},
            counts=True,
        )

    def _arena(self) -> Iterator[Family]:
        yield Family(
            name="arena_info",
            help="1 for the version that runs",
            labels=("version",),
            values={(__version__,): 1.0},
        )
        yield _now("arena_ready", "Whether battles can start", float(self.ready()))
        yield _now("arena_stores", "Whether the database takes votes", float(self.stores()))
        if room := room_of(self.database):
            yield _now("arena_database_bytes", "Size of the database's files", room.used_bytes)
            yield _now("arena_disk_free_bytes", "Room on the database's disk", room.free_bytes)

    def _models(self, statuses: Mapping[ModelKey, ModelStatus]) -> Iterator[Family]:
        yield Family(
            name="arena_model_state",
            help="1 for the state that the model is in",
            labels=("model", "state"),
            values={
                (key, state.value): float(status.state is state)
                for (key, status), state in product(statuses.items(), ModelState)
            },
        )
        yield Family(
            name="arena_model_restarts",
            help="Restarts of its engine after failures",
            labels=("model",),
            values={(key,): status.restarts for key, status in statuses.items()},
            counts=True,
        )
        ram = {key: status.memory.ram_bytes for key, status in statuses.items()}
        gpu = {key: status.memory.gpu_bytes for key, status in statuses.items()}
        yield _memory("arena_model_ram_bytes", "Main memory of its engine", ram)
        yield _memory("arena_model_gpu_bytes", "GPU memory of its engine", gpu)

    def _requests(self) -> Iterator[Family]:
        keys = self.pool.backends
        yield Family(
            name="arena_model_requests",
            help="Open requests: waiting for their first text, or answering",
            labels=("model", "phase"),
            values=_filled(product(keys, Phase), self.traffic.open),
        )
        yield Family(
            name="arena_model_replies",
            help="Requests that ended, by how they did",
            labels=("model", "outcome"),
            values=_filled(product(keys, Outcome), self.traffic.ended),
            counts=True,
        )

    def _battles(self) -> Iterator[Family]:
        with self.database.reading() as connection:
            counted = count_battles(connection)
        yield Family(
            name="arena_battles",
            help="Battles by state",
            labels=("state",),
            values={(state.value,): counted.get(state, 0) for state in BattleState},
        )
        yield Family(
            name="arena_votes",
            help="Votes in the database",
            values={(): counted.get(BattleState.VOTED, 0)},
            counts=True,
        )
        yield _now("arena_live_battles", "Battles that generate now", len(self.runner))


def _now(name: str, help_text: str, value: float) -> Family:
    """Return a metric of one value."""
    return Family(name=name, help=help_text, values={(): value})


def _memory(name: str, help_text: str, held: Mapping[ModelKey, int | None]) -> Family:
    """Leave out models without an engine, or whose engine is down: they do not hold 0 bytes."""
    values: dict[tuple[str, ...], float] = {
        (key,): octets for key, octets in held.items() if octets is not None
    }
    return Family(name=name, help=help_text, labels=("model",), values=values)


def _filled(
    all_labels: Iterable[tuple[ModelKey, _Label]], counted: Mapping[tuple[ModelKey, _Label], int]
) -> dict[tuple[str, ...], float]:
    """Zero for what was never counted, so that rates are known from the start."""
    return {(key, label.value): float(counted.get((key, label), 0)) for key, label in all_labels}
