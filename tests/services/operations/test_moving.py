"""An arena is moved to the other kind of database and back, with nothing lost or changed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from arena.domain.campaign import ProtocolKind
from arena.domain.verdict import Verdict
from arena.services.operations.moving import move_arena
from arena.services.operations.verifying import Verification
from arena.storage.copying import NotCopied
from arena.storage.database import Database, RuleBroken
from arena.storage.schema import VALUE_SETS, metadata
from tests.builders import seed_vote
from tests.fakes.archived_campaigns import judged_campaign

Maker = Callable[[str], Database]


@pytest.fixture
def database_of(
    tmp_path: Path,
    new_sqlite_url: Callable[[Path, int], str],
    new_postgresql_url: Callable[[Path, int], str],
) -> Iterator[Maker]:
    """Make migrated databases of either kind, each with a folder of keys of its own."""
    makers = {"sqlite": new_sqlite_url, "postgresql": new_postgresql_url}
    opened: list[Database] = []

    def make(kind: str) -> Database:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        opened.append(Database(makers[kind](folder, 0)))
        return opened[-1]

    yield make
    for database in opened:
        database.close()


def lived_in(database: Database) -> Database:
    """A campaign with ballots, votes with rankings, and a text in several scripts."""
    judged_campaign(database, ProtocolKind.PAIRWISE, judged=3)
    seed_vote(database, Verdict.TIE, comment="für 猫 🐈", reading_s=0.1)
    seed_vote(database, None, models=("alpha", "beta", "gamma"), ranks=(2, 1, 2))
    return database


def tables(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table; assignments and sessions in the order of storing."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            rows = [tuple(row) for row in connection.execute(select(table))]
            found[table.name] = sorted(rows, key=repr)
        for name, key in {"assignments": "id", "sessions": "token_hash"}.items():
            order = connection.execute(text(f"SELECT {key} FROM {name} ORDER BY rowid"))
            found[f"order of {name}"] = [tuple(row) for row in order]
    del found["board_version"]
    return found


@pytest.mark.parametrize("kinds", [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_everything_arrives_and_comes_back_as_it_was(
    database_of: Maker, kinds: tuple[str, str]
) -> None:
    here, there = lived_in(database_of(kinds[0])), database_of(kinds[1])
    before = tables(here)
    copied = move_arena(here, there)
    assert tables(there) == before
    assert copied.rows == sum(
        len(rows)
        for name, rows in before.items()
        if name in metadata.tables and metadata.tables[name] not in VALUE_SETS
    )
    assert list(Verification(there).faults()) == []

    back = database_of(kinds[0])
    move_arena(there, back)
    assert tables(back) == before
    assert list(Verification(back).faults()) == []


@pytest.mark.parametrize("kinds", [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_what_was_moved_goes_on(database_of: Maker, kinds: tuple[str, str]) -> None:
    here, there = lived_in(database_of(kinds[0])), database_of(kinds[1])
    move_arena(here, there)
    seed_vote(there, Verdict.BOTH_BAD)
    assert list(Verification(there).faults()) == []
    with pytest.raises(RuleBroken), there.writing() as connection:
        connection.execute(text("DELETE FROM votes"))


def test_a_database_that_is_not_empty_is_left_as_it_is(database_of: Maker) -> None:
    here, there = lived_in(database_of("sqlite")), database_of("postgresql")
    seed_vote(there)
    before = tables(there)
    (there.keys_folder / "chain-key").unlink()
    with pytest.raises(NotCopied, match="is not empty"):
        move_arena(here, there)
    assert tables(there) == before


def test_another_key_is_not_overwritten(database_of: Maker) -> None:
    here, there = lived_in(database_of("sqlite")), database_of("postgresql")
    (there.keys_folder / "chain-key").write_bytes(b"another")
    empty = tables(there)
    with pytest.raises(NotCopied, match="another key"):
        move_arena(here, there)
    assert (there.keys_folder / "chain-key").read_bytes() == b"another"
    assert tables(there) == empty


def test_what_postgresql_cannot_store_is_named_and_nothing_is_copied(database_of: Maker) -> None:
    here, there = database_of("sqlite"), database_of("postgresql")
    seed_vote(here, comment="a\0b")
    empty = tables(there)
    with pytest.raises(NotCopied, match="row 1 of votes has a NUL character in comment"):
        move_arena(here, there)
    assert tables(there) == empty
    assert not (there.keys_folder / "chain-key").exists()
