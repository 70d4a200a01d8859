"""Queries on battles, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from arena.domain.accounts import AnnotatorId
from arena.domain.battle import OPEN_STATES, BattleId, BattleState
from arena.domain.reply import ReplyEnd
from arena.services.battle.opening import Opening
from arena.storage.battles import (
    BattleRecord,
    NewBattle,
    abandon_older_than,
    battle,
    count_battles,
    drawn_pairs,
    insert_battle,
    keep_recognised,
    mark_revealed,
    move_battle,
    open_battles_of,
    stop_interrupted,
)
from arena.storage.database import Database, StorageError
from arena.storage.replies import NewReply, insert_reply, newest_replies, show_reply
from arena.storage.schema import campaigns, draws
from tests.builders import NOON, SeededBattle, seed_battle
from tests.fakes.playground import Playground


def battle_of(database: Database, seeded: SeededBattle) -> BattleRecord:
    with database.reading() as connection:
        found = battle(connection, seeded.battle_id)
    assert found is not None
    return found


def state_of(database: Database, seeded: SeededBattle) -> BattleState:
    return battle_of(database, seeded).state


def annotator_of(database: Database, seeded: SeededBattle) -> AnnotatorId:
    return battle_of(database, seeded).annotator_id


def test_a_stored_battle_reads_back_as_it_was(database: Database) -> None:
    seeded = seed_battle(
        database,
        models=("sphinx", "kraken", "hydra"),
        prompts=("为什么？", "And then?"),
        category="math",
        language="zh",
    )
    with database.reading() as connection:
        found = battle(connection, seeded.battle_id)
    assert found is not None
    assert [slot.model_key for slot in found.slots] == ["sphinx", "kraken", "hydra"]
    assert [slot.position for slot in found.slots] == [0, 1, 2]
    assert (found.category, found.language) == ("math", "zh")
    assert found.user_texts == ("为什么？", "And then?")
    assert [len(turn.replies) for turn in found.turns] == [3, 3]
    assert found.revealed_at is None


def test_an_unknown_battle_is_none(database: Database) -> None:
    with database.reading() as connection:
        assert battle(connection, "no such battle") is None


@pytest.mark.parametrize("state", BattleState)
def test_a_move_happens_only_from_its_sources(database: Database, state: BattleState) -> None:
    seeded = seed_battle(database, state=state)
    with database.writing() as connection:
        moved = move_battle(
            connection,
            seeded.battle_id,
            sources={BattleState.COMPLETE, BattleState.STOPPED},
            target=BattleState.ABANDONED,
        )
    assert moved == (state in {BattleState.COMPLETE, BattleState.STOPPED})
    assert state_of(database, seeded) is (BattleState.ABANDONED if moved else state)


def test_open_battles_are_found_newest_first(database: Database) -> None:
    seeded = {
        state: seed_battle(database, state=state, at=NOON + timedelta(minutes=number))
        for number, state in enumerate(BattleState)
    }
    seed_battle(database, annotator="bob")
    with database.reading() as connection:
        found = open_battles_of(connection, annotator_of(database, seeded[BattleState.VOID]))
    expected = [seeded[state].battle_id for state in BattleState if state in OPEN_STATES]
    assert list(found) == expected[::-1]


def test_what_a_crash_interrupted_is_stopped_and_the_rest_is_not(database: Database) -> None:
    seeded = {state: seed_battle(database, state=state) for state in BattleState}
    with database.writing() as connection:
        assert stop_interrupted(connection, owner="this", now=NOON) == 1
    after = {state: state_of(database, one) for state, one in seeded.items()}
    assert after.pop(BattleState.GENERATING) is BattleState.STOPPED
    assert all(state is expected for expected, state in after.items())


def test_only_resting_open_battles_grow_too_old(database: Database) -> None:
    old = {state: seed_battle(database, state=state) for state in BattleState}
    young = seed_battle(database, at=NOON + timedelta(hours=2))
    with database.writing() as connection:
        assert abandon_older_than(connection, NOON + timedelta(hours=1)) == 2
    assert state_of(database, old[BattleState.COMPLETE]) is BattleState.ABANDONED
    assert state_of(database, old[BattleState.STOPPED]) is BattleState.ABANDONED
    assert state_of(database, old[BattleState.VOTED]) is BattleState.VOTED
    assert state_of(database, young) is BattleState.COMPLETE


def test_battles_are_counted_by_state(database: Database) -> None:
    for state in (BattleState.VOID, BattleState.COMPLETE, BattleState.VOID):
        seed_battle(database, state=state)
    with database.reading() as connection:
        assert count_battles(connection) == {BattleState.VOID: 2, BattleState.COMPLETE: 1}


def test_drawn_pairs_are_counted_by_side_whatever_the_number_of_slots(database: Database) -> None:
    for models in (("a", "b"), ("a", "b"), ("b", "a"), ("c", "a", "b")):
        seed_battle(database, models=models)
    with database.reading() as connection:
        assert drawn_pairs(connection) == {
            ("a", "b"): 3,
            ("b", "a"): 1,
            ("c", "a"): 1,
            ("c", "b"): 1,
        }


def test_orders_of_whole_battles_in_older_databases_count_by_pair(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(draws).values(ordering="c a b", drawn=4))
    seed_battle(database, models=("a", "b"))
    with database.reading() as connection:
        assert drawn_pairs(connection) == {("c", "a"): 4, ("c", "b"): 4, ("a", "b"): 5}


def test_open_battles_are_those_of_one_campaign_or_of_open_play(database: Database) -> None:
    free = seed_battle(database)
    found = battle_of(database, free)
    assigned = NewBattle(
        BattleId("assigned"), found.annotator_id, None, "en", 1.0, found.slots, campaign_id=1
    )
    with database.writing() as connection:
        connection.execute(insert(campaigns).values(id=1, name="wizard", created_at=NOON))
        insert_battle(connection, assigned, NOON)
    with database.reading() as connection:
        ada = found.annotator_id
        assert open_battles_of(connection, ada) == (free.battle_id,)
        assert open_battles_of(connection, ada, campaign_id=1) == (assigned.id,)


def test_the_first_reveal_is_the_one_that_is_kept(database: Database) -> None:
    seeded = seed_battle(database)
    for minutes in (1, 2):
        with database.writing() as connection:
            mark_revealed(connection, seeded.battle_id, NOON + timedelta(minutes=minutes))
    with database.reading() as connection:
        found = battle(connection, seeded.battle_id)
    assert found is not None
    assert found.revealed_at == NOON + timedelta(minutes=1)


def test_the_newest_attempt_of_a_slot_is_shown(database: Database) -> None:
    seeded = seed_battle(database)
    with database.writing() as connection:
        model_id = int(connection.exec_driver_sql("SELECT min(id) FROM models").scalar_one())
        reply = NewReply(model_id, "hash", "Second try", ReplyEnd.STOP)
        reply_id = insert_reply(connection, reply, NOON)
        show_reply(connection, seeded.battle_id, turn=1, position=0, reply_id=reply_id)
    with database.reading() as connection:
        first, second = newest_replies(connection, seeded.battle_id)[1]
    assert (first.text, first.attempt) == ("Second try", 2)
    assert (second.id, second.attempt) == (seeded.reply_ids[1, 1], 1)


def test_times_come_back_aware_and_naive_ones_are_refused(database: Database) -> None:
    seeded = seed_battle(database)
    with database.writing() as connection:
        mark_revealed(connection, seeded.battle_id, NOON)
    with database.reading() as connection:
        found = battle(connection, seeded.battle_id)
    assert found is not None
    assert found.revealed_at == NOON
    with pytest.raises(StorageError), database.writing() as connection:
        mark_revealed(connection, seeded.battle_id, datetime(2026, 1, 1))  # noqa: DTZ001


def test_sides_stay_balanced_when_many_draw_at_once(database: Database) -> None:
    arena = Playground(database)
    callers = [arena.annotator(f"annotator-{number}") for number in range(40)]
    store = arena.store

    def start(number: int) -> None:
        store.create(callers[number], Opening("Why?"), arena.choose)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(start, range(40)))
    with database.reading() as connection:
        counts = drawn_pairs(connection).values()
    assert sum(counts) == 40
    assert max(counts) - min(counts) <= 10


@pytest.mark.parametrize("state", BattleState)
def test_that_a_model_was_recognised_is_kept_with_a_battle_while_it_is_open(
    database: Database, state: BattleState
) -> None:
    seeded = seed_battle(database, state=state)
    assert not battle_of(database, seeded).recognised
    for recognised in (True, False, True):
        with database.writing() as connection:
            keep_recognised(connection, BattleId(seeded.battle_id), recognised=recognised)
        kept = battle_of(database, seeded).recognised
        assert kept == (recognised and state in OPEN_STATES)
