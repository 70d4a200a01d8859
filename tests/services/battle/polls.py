"""Battles that wait for a vote."""

import pytest
from sqlalchemy import text

from arena.domain.accounts import Caller
from arena.domain.battle import BattleId, BattleState
from arena.domain.errors import ArenaError, Refusal
from arena.domain.verdict import Verdict
from arena.services.battle.voting import Ballot, Reveal
from arena.storage.battles import NewBattle, SlotRecord, insert_battle, insert_turn, move_battle
from tests.fakes.playground import Playground

A_BETTER = Ballot(verdict=Verdict.A_BETTER)


class Polls(Playground):
    """A playground whose battles are answered the moment they are drawn."""

    def battle(
        self, state: BattleState = BattleState.COMPLETE, *, caller: Caller | None = None
    ) -> BattleId:
        battle_id = BattleId(f"battle-{self.count('battles')}")
        slots = tuple(
            SlotRecord(position, contestant.model_id, key)
            for position, (key, contestant) in enumerate(self.contestants.items())
        )
        new = NewBattle(battle_id, (caller or self.ada).id, None, "en", 1.0, slots)
        now = self.clock.now()
        with self.database.writing() as connection:
            insert_battle(connection, new, now)
            insert_turn(connection, battle_id, number=1, prompt="Why?", now=now)
            move_battle(
                connection,
                battle_id,
                sources={BattleState.GENERATING},
                target=state,
                completed_at=now,
            )
        return battle_id

    def vote(self, battle_id: str, ballot: Ballot = A_BETTER) -> Reveal:
        return self.cast(self.ada, battle_id, ballot)

    def count(self, table: str) -> int:
        ((number,),) = self.rows(f"SELECT count(*) FROM {table}")
        return int(number)

    def execute(self, sql: str) -> None:
        with self.database.writing() as connection:
            connection.execute(text(sql))


def refusal_of(error: pytest.ExceptionInfo[ArenaError]) -> Refusal:
    return error.value.refusal
