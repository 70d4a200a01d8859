"""The archive of a campaign holds all of it, and no name of a person."""

import hashlib
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from arena.domain.campaign import ProtocolKind
from arena.services.campaigns.refusals import CampaignRefused
from arena.storage.campaigns import ensure_campaign
from arena.storage.chain.checking import chain_head
from tests.fakes.archived_campaigns import PEOPLE, archive_of, exporting
from tests.fakes.campaigns import MORNING, CampaignDesk
from tests.fakes.stored_campaigns import count


def rows(archive: Path, name: str) -> list[Any]:
    with ZipFile(archive) as file:
        return [json.loads(line) for line in file.read(name).splitlines()]


def test_every_vote_with_all_that_belongs_to_it_is_there(
    desk: CampaignDesk, archive: Path, kind: ProtocolKind
) -> None:
    ballots = rows(archive, "ballots.jsonl")
    votes = [ballot["vote"] for ballot in ballots if ballot["vote"]]

    assert len(ballots) == count(desk.database, "assignments")
    assert len(votes) == count(desk.database, "votes")
    assert {ballot["purpose"] for ballot in ballots} == {"judged", "repeat", "check"}
    for field, table in (
        ("ranks", "vote_rankings"),
        ("reasons", "vote_reasons"),
        ("scores", "vote_scores"),
        ("revisions", "vote_revisions"),
    ):
        assert sum(len(vote[field]) for vote in votes) == count(desk.database, table), field
    revisions = [revision for vote in votes for revision in vote["revisions"]]
    assert sum(len(one["scores"]) for one in revisions) == count(desk.database, "revision_scores")
    told = {vote["strength"] for vote in votes}
    assert told == ({None} if kind is ProtocolKind.ALL_AT_ONCE else {None, "much", "slightly"})
    assert [flag["kind"] for vote in votes for flag in vote["flags"]] == ["recognised"]
    assert [one["skip_reason"] for one in ballots if one["state"] == "skipped"] == ["unclear"]
    assert all(one["visible_s"] for one in ballots if one["vote"])


def test_every_place_for_a_reply_is_there_with_its_provenance(
    desk: CampaignDesk, archive: Path
) -> None:
    places = rows(archive, "replies.jsonl")

    assert len(places) == count(desk.database, "campaign_replies") == 9 * 3 * 2
    assert {place["status"] for place in places} == {"whole"}
    assert places[0]["reply"]["fingerprint"] == "m0-1"
    assert places[0]["reply"]["flags"][0]["kind"] == "identity_leak"
    assert len(rows(archive, "comparisons.jsonl")) == count(desk.database, "comparisons")
    assert [row["better"] for row in rows(archive, "prompts.jsonl")[-2:]] == ["right", "right"]


def test_no_name_of_a_person_is_anywhere(archive: Path) -> None:
    with ZipFile(archive) as file:
        everything = b"".join(file.read(name) for name in file.namelist()).decode()

    for name in (*PEOPLE, "Eve Nobody"):
        assert name not in everything
    people = rows(archive, "annotators.jsonl")
    assert [one["annotator"].startswith("anon-") for one in people] == [True] * len(PEOPLE)
    assert [one["group"] for one in people] == ["linguists", None, None, None]
    assert [one["answers"][0]["answer"] for one in people] == ["30", "31", "32", "33"]


def test_the_same_campaign_gives_the_same_bytes(desk: CampaignDesk, tmp_path: Path) -> None:
    first, second = (archive_of(desk, tmp_path / name) for name in ("1.zip", "2.zip"))

    assert first.read_bytes() == second.read_bytes()


def test_every_other_file_has_its_checksum(archive: Path) -> None:
    with ZipFile(archive) as file:
        lines = file.read("SHA256SUMS").decode().splitlines()
        told = {line[66:]: line[:64] for line in lines}
        found = {
            name: hashlib.sha256(file.read(name)).hexdigest()
            for name in file.namelist()
            if name != "SHA256SUMS"
        }

    assert told == found


def test_the_readme_states_protocol_numbers_and_exclusions(
    archive: Path, kind: ProtocolKind
) -> None:
    with ZipFile(archive) as file:
        text = file.read("README.md").decode()

    assert f"`{kind.value}`" in text
    assert "4 annotators voted on 9 of 9 prompts" in text
    assert "Votes cast: 2026-03-01 to 2026-03-01" in text
    assert "annotators read: 8\n" in text
    assert "Comparisons flagged `identity_leak`: " in text
    assert "- `figures/N.csv`: the numbers of that figure" in text


def test_what_is_no_campaign_with_a_file_is_refused(desk: CampaignDesk, tmp_path: Path) -> None:
    with desk.database.writing() as connection:
        ensure_campaign(connection, "imported", MORNING)

    for name, words in (("autumn", "no campaign"), ("imported", "collects imported votes")):
        with (tmp_path / "x.zip").open("wb") as file, pytest.raises(CampaignRefused, match=words):
            exporting(desk).write(name, file)


def test_the_head_of_the_chain_of_votes_is_in_the_archive(
    desk: CampaignDesk, archive: Path
) -> None:
    with desk.database.reading() as connection:
        head = chain_head(connection)
    with ZipFile(archive) as file:
        assert json.loads(file.read("versions.json"))["chain"] == str(head)
