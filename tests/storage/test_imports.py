"""What imports look up before they store."""

from sqlalchemy import text

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.storage.database import Database
from arena.storage.imports import (
    StoredBattle,
    annotators_called,
    insert_external_annotators,
    insert_model,
    known_models,
    stored_battles,
)
from arena.storage.models import ModelSnapshot
from tests.builders import NOON, seed_battle, seed_vote


def test_stored_battles_tell_models_and_every_verdict_they_had(database: Database) -> None:
    voted = seed_vote(database, Verdict.A_BETTER)
    ranked = seed_vote(database, None, ranks=(1, 2))
    waiting = seed_battle(database)
    with database.writing() as connection:
        revision = (
            "INSERT INTO vote_revisions (vote_id, revision, verdict, who, why, at) "
            "VALUES (:vote, 1, 'tie', 1, 'slip', '2026-03-02')"
        )
        connection.execute(text(revision), {"vote": voted.vote_id})

    ids = [voted.battle_id, ranked.battle_id, waiting.battle_id, "nowhere"]
    with database.reading() as connection:
        found = stored_battles(connection, ids + [f"more-{n}" for n in range(2000)])

    slots = (frozenset({"alpha", "Name of alpha"}), frozenset({"beta", "Name of beta"}))
    assert found == {
        voted.battle_id: StoredBattle(frozenset({"a_better", "tie"}), slots),
        ranked.battle_id: StoredBattle(frozenset({None}), slots),
        waiting.battle_id: StoredBattle(frozenset(), slots),
    }


def test_known_models_have_their_configuration(database: Database) -> None:
    snapshot = ModelSnapshot(
        ModelKey("gpt-4"), "1", "GPT 4", configuration={"name": "GPT 4"}, origin="external"
    )
    with database.writing() as connection:
        number = insert_model(connection, snapshot, NOON)

    with database.reading() as connection:
        (known,) = known_models(connection)

    assert (known.id, known.snapshot) == (number, snapshot)


def test_many_annotators_are_found_again(database: Database) -> None:
    names = [f"elsewhere:{number}" for number in range(1200)]
    with database.writing() as connection:
        insert_external_annotators(connection, names, group="elsewhere", now=NOON)

    with database.reading() as connection:
        found = annotators_called(connection, [*names, "nobody"])
    assert found.keys() == set(names)
    assert len(set(found.values())) == len(names)
