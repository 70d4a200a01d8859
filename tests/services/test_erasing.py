"""A person can be erased: nothing tells who it was, and every vote stays as it was stored."""

import pytest
from sqlalchemy import text

from arena.domain.errors import NotAllowed
from arena.services.accounts import Accounts
from arena.services.operations.verifying import Verification
from arena.services.people import People, PersonRefused
from arena.storage.database import Database
from tests.builders import seed_vote
from tests.database_kinds import ON_SQLITE

ADA = "Ada Lovelace"
WORDS = (b"Ada Lovelace", b"prolific-4711", b"mathematician", b"Countess of")


def rows(database: Database, table: str) -> list[dict[str, object]]:
    with database.reading() as connection:
        return [
            dict(row)
            for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()
        ]


def take_part(database: Database) -> None:
    with database.writing() as connection:
        for statement in (
            "INSERT INTO campaigns (id, name, created_at) VALUES (1, 'c', '2026-03-01 12:00:00')",
            "INSERT INTO campaign_members"
            " (campaign_id, annotator_id, joined_at, external_id, study)"
            " VALUES (1, 1, '2026-03-01 12:00:00', 'prolific-4711', 's')",
            "INSERT INTO campaign_answers VALUES (1, 1, 'job', 'mathematician',"
            " '2026-03-01 12:00:00')",
        ):
            connection.execute(text(statement))


def test_nothing_tells_who_it_was_and_the_votes_stay(
    database: Database, people: People, accounts: Accounts
) -> None:
    people.add([(ADA, "linguists")])
    people.join(people.invite([ADA])[0].token, accounts, "192.0.2.7")
    link = people.invite([ADA])[0].token
    seed_vote(database, annotator=ADA, comment="I, Countess of Lovelace, think so")
    seed_vote(database, annotator="grace", comment="stays")
    take_part(database)
    before = [{**row, "comment": None} for row in rows(database, "votes")]
    version = rows(database, "board_version")

    erased = people.erase(ADA)

    assert (erased.name, erased.votes, erased.named_in) == ("erased-1", 1, ())
    for table in ("sessions", "invitations", "address_hours", "campaign_answers", "addresses"):
        assert rows(database, table) == []
    (member,) = rows(database, "campaign_members")
    assert (member["external_id"], member["study"]) == (None, None)
    account, _ = rows(database, "annotators")
    assert (account["name"], account["password_hash"]) == ("erased-1", None)
    assert account["group_name"] == "linguists"
    assert account["disabled_at"] is not None
    assert [row["comment"] for row in rows(database, "votes")] == ["", "stays"]
    assert [{**row, "comment": None} for row in rows(database, "votes")] == before
    assert rows(database, "board_version") != version
    with pytest.raises(NotAllowed):
        people.join(link, accounts)
    assert list(Verification(database).faults()) == []


@ON_SQLITE
def test_what_is_erased_is_not_in_the_files_any_more(
    database: Database, people: People, accounts: Accounts
) -> None:
    people.add([(ADA, None)])
    people.join(people.invite([ADA])[0].token, accounts, "192.0.2.7")
    seed_vote(database, annotator=ADA, comment="I, Countess of Lovelace, think so")
    take_part(database)
    people.erase(ADA)
    for file in database.path.parent.glob(f"{database.path.name}*"):
        content = file.read_bytes()
        assert not [word for word in WORDS if word in content], file.name


def test_an_address_that_others_share_stays_with_them(
    database: Database, people: People, accounts: Accounts
) -> None:
    people.add([(ADA, None), ("Grace", None)])
    for name in (ADA, "Grace"):
        people.join(people.invite([name])[0].token, accounts, "192.0.2.7")
    people.erase(ADA)
    assert len(rows(database, "addresses")) == len(rows(database, "sessions")) == 1


def test_an_unknown_name_is_refused(people: People) -> None:
    with pytest.raises(PersonRefused):
        people.erase("nobody")


def test_a_name_like_that_of_an_erased_person_is_kept_for_them(people: People) -> None:
    with pytest.raises(PersonRefused):
        people.add([("erased-7", None)])
