"""Ballots of campaigns in exported tables."""

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest

from arena.domain.campaign import ProtocolKind
from arena.domain.evaluation import CampaignBallot
from arena.domain.verdict import Verdict
from arena.services.campaigns.quality.excluding import Exclusions
from arena.storage.database import Database
from arena.storage.exports import (
    Batch,
    Part,
    annotator_batches,
    battle_batches,
    score_batches,
    vote_batches,
)
from arena.storage.exports.batches import EVERYTHING
from tests.fakes.campaigns import NAME, CampaignDesk, planned, prefers


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    return CampaignDesk(database)


def _rows(table: Iterable[Batch]) -> list[dict[str, Any]]:
    return [
        dict(zip(batch, cells, strict=True))
        for batch in table
        for cells in zip(*batch.values(), strict=True)
    ]


def votes_of(desk: CampaignDesk, part: Part = EVERYTHING) -> list[dict[str, Any]]:
    with desk.database.reading() as connection:
        return _rows(vote_batches(connection, names=True, part=part))


def scores_of(desk: CampaignDesk, part: Part = EVERYTHING) -> list[dict[str, Any]]:
    with desk.database.reading() as connection:
        return _rows(score_batches(connection, names=True, part=part))


def test_the_votes_of_an_annotator_are_those_of_the_verdicts_without_repeats_and_checks(
    desk: CampaignDesk,
) -> None:
    desk.open(planned(judged=12, overlap=1, repeats=0.25, check_items=2))
    ada = desk.person("ada")
    while desk.judge_next(ada, prefers({"m0": 1e9, "right": 1e9}, Random(1))):
        pass
    with desk.database.reading() as connection:
        (row,) = _rows(annotator_batches(connection, names=True, part=Part(NAME)))

    assert row["votes"] == 12
    assert row["votes"] == sum(row[verdict.value] for verdict in Verdict)


def test_repeats_and_checks_come_with_their_purpose_verdict_models_and_campaign(
    desk: CampaignDesk,
) -> None:
    desk.open(planned(judged=12, overlap=1, repeats=0.25, check_items=2))
    ada = desk.person("ada")
    while desk.judge_next(ada, prefers({"m0": 1e9, "right": 1e9}, Random(1))):
        pass
    found = votes_of(desk, Part(NAME))

    assert (
        sorted(row["purpose"] for row in found) == ["check"] * 2 + ["judged"] * 12 + ["repeat"] * 3
    )
    assert {row["campaign"] for row in found} == {NAME}
    assert {row["winner"] for row in found if row["purpose"] != "check"} == {"m0"}
    (better,) = {row["winner"] for row in found if row["purpose"] == "check"}
    assert all(
        better in (row["model_a"], row["model_b"]) for row in found if row["winner"] == better
    )
    with desk.database.reading() as connection:
        battles = _rows(battle_batches(connection, names=True))
    assert {row["battle_id"]: row["purpose"] for row in battles} == {
        row["battle_id"]: row["purpose"] for row in found
    }


def test_strength_and_scores_are_those_in_force(desk: CampaignDesk) -> None:
    desk.open(
        planned(judged=1, overlap=1, strength=True, criteria={"accuracy": None, "style": None})
    )
    ada = desk.person("ada")
    item = desk.next(ada)
    assert item is not None

    def ballot(verdict: Verdict, much: bool | None, first: int) -> CampaignBallot:
        scores = {(slot, name): first + slot for slot in (0, 1) for name in ("accuracy", "style")}
        return CampaignBallot(verdict=verdict, much=much, scores=scores)

    desk.judge(ada, item, ballot(Verdict.A_BETTER, True, 1))
    assert [row["strength"] for row in votes_of(desk)] == ["much"]
    assert [row["score"] for row in scores_of(desk)] == [1, 1, 2, 2]
    desk.judge(ada, item, ballot(Verdict.B_BETTER, False, 3))
    assert [row["strength"] for row in votes_of(desk)] == ["slightly"]
    desk.judge(ada, item, ballot(Verdict.TIE, None, 4))

    assert [row["strength"] for row in votes_of(desk)] == [None]
    assert [
        (row["slot"], row["criterion"], row["score"], row["annotator"], row["campaign"])
        for row in scores_of(desk, Part(NAME))
    ] == [
        ("A", "accuracy", 4, "ada", NAME),
        ("A", "style", 4, "ada", NAME),
        ("B", "accuracy", 5, "ada", NAME),
        ("B", "style", 5, "ada", NAME),
    ]
    assert {row["model"] for row in scores_of(desk)} == {"m0", "m1"}
    assert scores_of(desk, Part("autumn")) == []


def test_an_exclusion_marks_all_ballots_whatever_they_are_for(desk: CampaignDesk) -> None:
    desk.open(planned(judged=4, models=3, overlap=1, check_items=1, kind=ProtocolKind.ALL_AT_ONCE))
    ada = desk.person("ada")
    while desk.judge_next(ada, prefers({}, Random(1), ranked=True)):
        pass
    assert not any(row["annotator_excluded"] for row in votes_of(desk))
    Exclusions(desk.database, desk.clock).exclude(NAME, "ada", "a trial")

    found = votes_of(desk)
    assert {row["purpose"] for row in found} == {"judged", "check"}
    assert all(row["annotator_excluded"] is True for row in found)
