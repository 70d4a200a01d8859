"""How long a vote takes to commit, alone and while cold boards are computed."""

import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from secrets import token_hex
from statistics import median, quantiles
from threading import Event, Thread

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.battle import BattleId, BattleState, BattleView, Shown, TurnView
from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.domain.visibility import Visibility
from arena.inference.clock import SystemClock
from arena.services.battle.voting import Ballot, Voting
from arena.services.board.leaderboard import Leaderboards
from arena.services.board.worker import Question, Topic
from arena.services.board.worker_process import StatisticsProcess
from arena.services.operations.thread_switching import shorten_switch_interval
from arena.storage.battles import NewBattle, SlotRecord, insert_battle, insert_turn, move_battle
from arena.storage.database import Database

_ROUNDS = 4
_VOTES = 300
_PAUSE_S = 0.005
_ANNOTATOR = Caller(AnnotatorId(1), "annotator-0", AccountRole.ANNOTATOR)


def commit_lines(source: Path) -> list[str]:
    """Percentiles of `Voting.cast`, rounds of each kind in turn."""
    shorten_switch_interval()
    url = f"sqlite:///{source}"
    with closing(Database(url)) as database, closing(StatisticsProcess(url)) as process:
        boards = Leaderboards(database, visibility=Visibility.PUBLIC)
        kinds: dict[str, Callable[[], object] | None] = {
            "alone": None,
            "while boards are counted": lambda: boards.board(None),
            "while the worker computes details": lambda: process.ask(
                Question(Topic.DETAILS, BoardFilter())
            ),
        }
        process.ask(Question(Topic.DETAILS, BoardFilter()))
        took: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(_ROUNDS):
            for kind, busy in kinds.items():
                took[kind] += _round(database, busy)
    idle = _p99(took["alone"])
    lines = ["| a vote | median | p99 | p99 to alone |", "|---|---|---|---|"]
    return lines + [
        f"| {kind} | {median(times) * 1e3:.1f} ms | {_p99(times) * 1e3:.1f} ms "
        f"| {_p99(times) / idle:.1f} |"
        for kind, times in took.items()
    ]


def _p99(times: list[float]) -> float:
    return quantiles(times, n=100)[98]


def _round(database: Database, busy: Callable[[], object] | None) -> list[float]:
    battles = _complete_battles(database)
    voting = Voting(database, SystemClock(), release=lambda _: None)
    over = Event()
    thread = Thread(target=_until, args=(over, busy)) if busy else None
    if thread:
        thread.start()
        time.sleep(0.2)
    took = []
    for shown in battles:
        began = time.perf_counter()
        voting.cast(_ANNOTATOR, shown, Ballot(verdict=Verdict.A_BETTER))
        took.append(time.perf_counter() - began)
        time.sleep(_PAUSE_S)
    over.set()
    if thread:
        thread.join()
    return took


def _until(over: Event, busy: Callable[[], object]) -> None:
    """Each vote makes the board cold again."""
    while not over.is_set():
        busy()


def _complete_battles(database: Database) -> list[Shown]:
    ids = [BattleId(token_hex(8)) for _ in range(_VOTES)]
    slots = tuple(SlotRecord(n, n + 1, ModelKey(f"model-{n:02d}-chat")) for n in (0, 1))
    now = SystemClock().now()
    with database.writing() as connection:
        for number, one in enumerate(ids):
            insert_battle(connection, NewBattle(one, _ANNOTATOR.id, None, "en", 1.0, slots), now)
            insert_turn(connection, one, number=1, prompt=_prompt(number), now=now)
            move_battle(
                connection,
                one,
                sources={BattleState.GENERATING},
                target=BattleState.COMPLETE,
                completed_at=now,
            )
    return [_shown(one, _prompt(number)) for number, one in enumerate(ids)]


def _prompt(number: int) -> str:
    return f"Prompt {number}"


def _shown(battle_id: BattleId, prompt: str) -> Shown:
    """What a page shows of a battle whose models said nothing."""
    turns = (TurnView(prompt, ("", "")),)
    return BattleView(battle_id, BattleState.COMPLETE, slots=2, turns=turns).shown


if __name__ == "__main__":
    print("\n".join(commit_lines(Path(sys.argv[1]))))
