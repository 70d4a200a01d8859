"""Items on which annotators disagree go to further ones, and never to more than wanted."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier

import pytest

from arena.domain.campaign import ProtocolKind
from arena.domain.evaluation import CampaignBallot, ItemView
from arena.domain.verdict import Verdict
from arena.services.campaigns.progress import ProgressReports
from arena.storage.database import Database, RuleBroken
from tests.fakes.campaigns import NAME, CampaignDesk, Judge, planned, prefers
from tests.storage.old_ledgers import rows


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    return CampaignDesk(database)


def work(desk: CampaignDesk, people: int, judge: Judge) -> None:
    """Everybody judges in turn until nothing is left."""
    working = desk.people(people)
    while working:
        working = [who for who in working if desk.judge_next(who, judge)]


def said(desk: CampaignDesk) -> dict[object, list[str]]:
    """The winners of each item, in the order of the ballots, by position."""
    tables = rows(desk.database)
    verdicts = {row["battle_id"]: row["verdict"] for row in tables["votes"]}
    found = defaultdict[object, list[str]](list)
    for row in tables["assignments"]:
        slots = str(row["ordering"]).split()
        found[row["item_id"]].append(slots[0 if verdicts[row["battle_id"]] == "a_better" else 1])
    return found


def ranking(*ranks: int) -> CampaignBallot:
    return CampaignBallot(ranks=ranks)


def test_exactly_the_items_whose_first_ballots_differ_are_judged_by_more(
    desk: CampaignDesk,
) -> None:
    desk.open(planned(judged=30, overlap=2, overlap_on_disagreement=4))
    work(desk, 5, prefers({}, Random(1)))
    found = said(desk)

    assert {len(winners) for winners in found.values()} == {2, 4}
    for winners in found.values():
        assert len(winners) == (2 if winners[0] == winners[1] else 4)
    progress = ProgressReports(desk.database, desk.clock).progress(NAME).total
    assert progress.wanted == progress.judged == sum(map(len, found.values()))


def test_without_the_key_nothing_goes_beyond_the_overlap(desk: CampaignDesk) -> None:
    desk.open(planned(judged=10, overlap=2))
    work(desk, 5, prefers({}, Random(1)))
    assert {len(winners) for winners in said(desk).values()} == {2}


@pytest.mark.parametrize(("second", "more"), [((1, 3, 2), False), ((2, 1, 3), True)])
def test_rankings_disagree_about_who_is_best(
    desk: CampaignDesk, second: tuple[int, ...], more: bool
) -> None:
    kind = ProtocolKind.ALL_AT_ONCE
    desk.open(planned(models=3, judged=1, overlap=2, overlap_on_disagreement=3, kind=kind))
    for who, ranks in zip(desk.people(2), ((1, 2, 3), second), strict=True):

        def judge(
            _: ItemView, models: tuple[str, ...], ranks: tuple[int, ...] = ranks
        ) -> CampaignBallot:
            return ranking(*(ranks[int(model[1:])] for model in models))

        assert desk.judge_next(who, judge)
    assert (desk.next(desk.person("cem")) is not None) is more


def test_an_undo_that_ends_the_disagreement_ends_the_need(desk: CampaignDesk) -> None:
    desk.open(planned(judged=1, overlap=2, overlap_on_disagreement=3))
    ada, bob = desk.people(2)
    assert desk.judge_next(ada, prefers({"m0": 1e9}, Random(1)))
    item = desk.next(bob)
    assert item is not None
    contrary = prefers({"m1": 1e9}, Random(1))
    models = tuple(reply.split(" ", 1)[0] for reply in item.battle.turns[-1].replies)
    desk.judge(bob, item, contrary(item, models))
    assert [row["disputed"] for row in rows(desk.database)["items"]] == [1]
    winner = Verdict.A_BETTER if models[0] == "m0" else Verdict.B_BETTER
    desk.judge(bob, item, CampaignBallot(verdict=winner))

    assert [row["disputed"] for row in rows(desk.database)["items"]] == [0]
    assert desk.next(desk.person("cem")) is None


def test_many_at_the_same_instant_never_exceed_it(desk: CampaignDesk) -> None:
    desk.open(planned(judged=1, overlap=2, overlap_on_disagreement=4))
    ada, bob, *others = desk.people(14)
    assert desk.judge_next(ada, prefers({"m0": 1e9}, Random(1)))
    assert desk.judge_next(bob, prefers({"m1": 1e9}, Random(1)))
    together = Barrier(len(others))

    def ask(place: int) -> bool:
        together.wait()
        return desk.next(others[place]) is not None

    with ThreadPoolExecutor(len(others)) as pool:
        assert sum(pool.map(ask, range(len(others)))) == 2
    assert [row["taken"] for row in rows(desk.database)["items"]] == [4]


def test_the_database_refuses_more_by_itself(desk: CampaignDesk) -> None:
    desk.open(planned(judged=1, overlap=2, overlap_on_disagreement=4))
    with desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE items SET taken = 2")
    with pytest.raises(RuleBroken), desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE items SET taken = 3")
    with desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE items SET disputed = TRUE")
        connection.exec_driver_sql("UPDATE items SET taken = 4")
    with pytest.raises(RuleBroken), desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE items SET taken = 5")
