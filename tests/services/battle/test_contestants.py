"""Contestants: catalog rows tied to their stored snapshots."""

import json
from pathlib import Path

from sqlalchemy import select, text

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.conversation import ModelKey, Sampling
from arena.services.battle.contestants import register_contestants
from arena.storage.database import Database
from arena.storage.schema import models
from tests.fakes.loop import FakeClock


def row(key: str, **values: object) -> ModelRow:
    return ModelRow.model_validate(
        {"key": key, "name": f"The {key}", "backend": "local", "source": f"maker/{key}"} | values
    )


def catalog(*rows: ModelRow) -> ModelCatalog:
    return ModelCatalog(Path("models.yaml"), rows)


def register(database: Database, *rows: ModelRow) -> dict[ModelKey, int]:
    found = register_contestants(catalog(*rows), database, FakeClock())
    return {key: contestant.model_id for key, contestant in found.items()}


def snapshots(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        query = text("SELECT key, name FROM models ORDER BY id")
        return [tuple(found) for found in connection.execute(query)]


def test_enabled_rows_become_contestants(database: Database) -> None:
    rows = catalog(
        row("sphinx", weight=2.0, identity_words=["Sphinx"]), row("kraken", enabled=False)
    )
    found = register_contestants(rows, database, FakeClock())
    assert list(found) == ["sphinx"]
    contestant = found[ModelKey("sphinx")]
    assert (contestant.weight, contestant.identity_words) == (2.0, ("Sphinx",))
    assert contestant.sampling == Sampling()


def test_a_snapshot_holds_what_a_card_shows_and_all_that_changes_answers(
    database: Database,
) -> None:
    links = {"hub": "https://example.org/sphinx"}
    sphinx = row("sphinx", license="MIT", description="Riddles.", links=links, system_prompt="Ask.")
    (contestant,) = register_contestants(catalog(sphinx), database, FakeClock()).values()
    with database.reading() as connection:
        of = models.c
        query = select(of.id, of.license, of.card, of.configuration)
        model_id, license_, card, configuration = connection.execute(query).one()
    assert (contestant.key, contestant.model_id, license_) == ("sphinx", model_id, "MIT")
    assert card == {"links": links, "description": "Riddles."}
    assert configuration == json.loads(json.dumps(sphinx.configuration()))


def test_a_row_that_answers_as_before_keeps_its_snapshot(database: Database) -> None:
    first = register(database, row("sphinx"))
    assert register(database, row("sphinx")) == first
    assert snapshots(database) == [("sphinx", "The sphinx")]


def test_a_new_name_is_shown_without_a_new_snapshot(database: Database) -> None:
    first = register(database, row("sphinx"))
    assert register(database, row("sphinx", name="Sphinx the Wise")) == first
    assert snapshots(database) == [("sphinx", "Sphinx the Wise")]


def test_a_row_that_answers_otherwise_gets_a_new_snapshot(database: Database) -> None:
    first = register(database, row("sphinx"))
    second = register(database, row("sphinx", system_prompt="Answer in riddles."))
    assert first != second
    assert len(snapshots(database)) == 2
