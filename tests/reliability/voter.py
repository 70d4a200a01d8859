"""A small process with voting and storage alone: takes votes until it is killed.

Prints the id of a battle when, and only when, its vote has been acknowledged.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

from arena.domain.accounts import AccountRole, Caller
from arena.domain.battle import BattleId, BattleState, BattleView, Shown, TurnView
from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.services.battle.voting import Ballot, Voting
from arena.storage.accounts import insert_annotator
from arena.storage.battles import (
    NewBattle,
    SlotRecord,
    insert_battle,
    insert_turn,
    move_battle,
)
from arena.storage.database import Database
from arena.storage.models import ModelSnapshot, ensure_snapshot

THREADS = 4
_PROMPT = "Why?"


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


class Voter:
    """An annotator who never stops."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._voting = Voting(database, WallClock(), release=lambda _: None)
        now = datetime.now(UTC)
        with database.writing() as connection:
            name = f"voter-{uuid4().hex}"
            annotator = insert_annotator(
                connection, name=name, role=AccountRole.ANNOTATOR, created_at=now
            )
            self._slots = tuple(
                SlotRecord(
                    position,
                    ensure_snapshot(connection, ModelSnapshot(ModelKey(key), "1", key), now),
                    ModelKey(key),
                )
                for position, key in enumerate(("sphinx", "kraken"))
            )
        self._caller = Caller(annotator, name, AccountRole.ANNOTATOR)

    def vote_for_ever(self) -> None:
        while True:
            battle_id = self._complete_battle()
            self._voting.cast(self._caller, _shown(battle_id), Ballot(verdict=Verdict.TIE))
            os.write(sys.stdout.fileno(), f"{battle_id}\n".encode())

    def _complete_battle(self) -> BattleId:
        battle_id = BattleId(uuid4().hex)
        new = NewBattle(battle_id, self._caller.id, None, "en", 1.0, self._slots)
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            insert_battle(connection, new, now)
            insert_turn(connection, battle_id, number=1, prompt=_PROMPT, now=now)
            move_battle(
                connection,
                battle_id,
                sources={BattleState.GENERATING},
                target=BattleState.COMPLETE,
                completed_at=now,
            )
        return battle_id


def _shown(battle_id: BattleId) -> Shown:
    """What a page shows of a battle whose models said nothing."""
    turns = (TurnView(_PROMPT, ("", "")),)
    return BattleView(battle_id, BattleState.COMPLETE, slots=2, turns=turns).shown


def main(url: str) -> None:
    """Vote from several threads at once."""
    voter = Voter(Database(url))
    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(voter.vote_for_ever) for _ in range(THREADS)]:
            future.result()


if __name__ == "__main__":
    main(sys.argv[1])
