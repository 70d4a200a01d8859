"""Who gets what: complete, balanced, and of those who take part alone."""

from collections import Counter, defaultdict
from random import Random

import pytest

from arena.domain.accounts import Caller
from arena.domain.campaign import CampaignAnnotator, Crowd, ProtocolKind, StopRules
from arena.domain.errors import NotAllowed, NotFound
from arena.storage.campaigns.members import CrowdIdentity
from tests.fakes.campaigns import NAME, CampaignDesk, models_shown, planned, prefers
from tests.storage.old_ledgers import rows

EVEN = prefers({}, Random(1))
RANKED = prefers({}, Random(1), ranked=True)


def work(desk: CampaignDesk, people: list[Caller], *, leaving: int = 0, after: int = 0) -> None:
    """Everybody judges in turn until nothing is left; the first `leaving` go after some items."""
    judge = RANKED if _kind(desk) == "all_at_once" else EVEN
    rounds = 0
    while people:
        for place, who in enumerate(list(people)):
            if rounds >= after and place < leaving:
                desk.next(who)  # reserves one more and never comes back
                people.remove(who)
            elif not desk.judge_next(who, judge):
                people.remove(who)
        if rounds >= after:
            leaving = 0
        rounds += 1


def _kind(desk: CampaignDesk) -> object:
    return rows(desk.database)["campaigns"][0]["protocol"]


def lead_of_first_order(desk: CampaignDesk) -> list[int]:
    """For each pair, how much more often one order was shown than the other."""
    first = {
        row["models"]: row["taken"]
        for row in rows(desk.database)["slot_counts"]
        if row["slot"] == 0 and str(row["models"]).startswith(str(row["position"]))
    }
    whole: dict[object, int] = defaultdict(int)
    for row in rows(desk.database)["slot_counts"]:
        if row["slot"] == 0:
            whole[row["models"]] += int(str(row["taken"]))
    return [abs(2 * int(str(first.get(pair, 0))) - number) for pair, number in whole.items()]


class TestCoverage:
    def test_every_item_is_judged_as_often_as_wanted_in_both_orders(
        self, desk: CampaignDesk
    ) -> None:
        desk.open(planned(models=3, judged=7, overlap=3))
        work(desk, desk.people(4))
        stored = rows(desk.database)
        assert {row["taken"] for row in stored["items"]} == {3}
        assert {row["state"] for row in stored["assignments"]} == {"judged"}
        assert len(stored["outcomes"]) == len(stored["votes"]) == 7 * 3 * 3
        assert max(lead_of_first_order(desk)) <= 1

    def test_nobody_judges_an_item_twice(self, desk: CampaignDesk) -> None:
        desk.open(planned(models=3, judged=5, overlap=2))
        work(desk, desk.people(2))
        given = [
            (row["item_id"], row["annotator_id"]) for row in rows(desk.database)["assignments"]
        ]
        assert len(given) == len(set(given)) == 5 * 3 * 2

    def test_an_annotator_gets_pairs_and_categories_alike(self, desk: CampaignDesk) -> None:
        desk.open(planned(models=3, judged=30, overlap=1))
        ada = desk.person("ada")
        for _ in range(18):
            desk.judge_next(ada, EVEN)
        battles = rows(desk.database)["battles"]
        assert set(Counter(row["category"] for row in battles).values()) == {6}
        pairs = Counter(
            row["models"]
            for row in rows(desk.database)["slot_counts"]
            for _ in range(int(str(row["taken"])))
        )
        assert set(pairs.values()) == {12}

    def test_people_who_leave_half_way_cost_nothing_but_time(self, desk: CampaignDesk) -> None:
        desk.open(planned(models=3, judged=20, overlap=3))
        people = desk.people(10)
        work(desk, people, leaving=3, after=9)
        desk.clock.pass_by(hours=2)
        work(desk, [desk.person(f"annotator-{one}") for one in range(3, 10)])
        stored = rows(desk.database)
        assert {row["taken"] for row in stored["items"]} == {3}
        assert len(stored["votes"]) == 20 * 3 * 3
        assert Counter(row["state"] for row in stored["assignments"]) == {
            "judged": 180,
            "expired": 3,
        }
        assert max(lead_of_first_order(desk)) <= 1

    def test_all_at_once_shows_every_model_in_every_slot(self, desk: CampaignDesk) -> None:
        desk.open(planned(models=4, judged=20, overlap=2, kind=ProtocolKind.ALL_AT_ONCE))
        work(desk, desk.people(3))
        counts = [int(str(row["taken"])) for row in rows(desk.database)["slot_counts"]]
        assert len(counts) == 16
        assert sum(counts) == 40 * 4
        assert max(counts) - min(counts) <= 6
        assert len(rows(desk.database)["outcomes"]) == 40 * 6


class TestRepeats:
    @pytest.mark.parametrize("kind", list(ProtocolKind))
    def test_about_one_in_twenty_comes_again_with_sides_exchanged(
        self, desk: CampaignDesk, kind: ProtocolKind
    ) -> None:
        judged = 20 if kind is ProtocolKind.PAIRWISE else 40
        desk.open(planned(models=3, judged=judged, overlap=2, repeats=0.05, kind=kind))
        work(desk, desk.people(2))
        given = {row["id"]: row for row in rows(desk.database)["assignments"]}
        repeats = [row for row in given.values() if row["repeat_of"] is not None]
        fresh = len(given) - len(repeats)
        assert 0.035 <= len(repeats) / len(given) <= 0.06
        for row in repeats:
            first = given[row["repeat_of"]]
            assert str(row["ordering"]).split() == str(first["ordering"]).split()[::-1]
            assert row["annotator_id"] == first["annotator_id"]
            who = row["annotator_id"]
            own = [name for name, one in given.items() if one["annotator_id"] == who]
            assert own.index(row["id"]) - own.index(first["id"]) > 10
        pairs = 1 if kind is ProtocolKind.PAIRWISE else 3
        assert len(rows(desk.database)["outcomes"]) == fresh * pairs

    def test_of_few_items_they_come_sooner_but_not_at_once(self, desk: CampaignDesk) -> None:
        desk.open(planned(judged=5, overlap=1, repeats=0.2))
        work(desk, desk.people(1))
        given = [row["repeat_of"] or row["id"] for row in rows(desk.database)["assignments"]]
        assert len(given) == 6
        assert given[-1] in given[:4]


class TestCheckItems:
    def test_everybody_gets_each_once_at_a_place_of_chance(self, desk: CampaignDesk) -> None:
        desk.open(planned(models=2, judged=20, overlap=3, check_items=4, repeats=0.05))
        people = desk.people(6)
        work(desk, list(people))
        stored = rows(desk.database)
        checks = {row["id"] for row in stored["items"] if row["models"] == ""}
        places = []
        for who in people:
            own = [row["item_id"] for row in stored["assignments"] if row["annotator_id"] == who.id]
            assert Counter(one for one in own if one in checks) == Counter(checks)
            places += [place / len(own) for place, one in enumerate(own) if one in checks]
        assert sum(place < 0.5 for place in places) >= 6
        assert sum(place >= 0.5 for place in places) >= 6
        assert len(stored["outcomes"]) == 20 * 3
        purposes = Counter(row["purpose"] for row in stored["battles"])
        assert purposes["check"] == 24

    def test_they_are_not_for_people_who_judge_nothing_else(self, desk: CampaignDesk) -> None:
        desk.open(planned(judged=1, overlap=1, check_items=2))
        assert desk.judge_next(desk.person("ada"), EVEN)
        assert desk.next(desk.person("bob")) is None


class TestStopRules:
    def test_a_pair_with_enough_decisive_votes_is_assigned_no_more(
        self, desk: CampaignDesk
    ) -> None:
        desk.open(planned(models=3, judged=20, overlap=2, stop=StopRules(votes_per_pair=7)))
        work(desk, desk.people(1))
        counts = Counter(row["models"] for row in rows(desk.database)["items"] if row["taken"])
        assert set(counts.values()) == {7}

    def test_all_at_once_stops_with_its_last_pair(self, desk: CampaignDesk) -> None:
        desk.open(
            planned(
                models=3,
                judged=20,
                kind=ProtocolKind.ALL_AT_ONCE,
                stop=StopRules(votes_per_pair=5),
            )
        )
        work(desk, desk.people(2))
        assert len(rows(desk.database)["votes"]) == 5


class TestMembers:
    def test_strangers_get_nothing(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        ada = desk.person("ada")
        with pytest.raises(NotFound):
            desk.assigning.next(Caller(ada.id, ada.name, ada.role), "autumn")
        with desk.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM campaign_members")
        with pytest.raises(NotFound):
            desk.assigning.next(ada, NAME)

    def test_named_annotators_keep_others_out(self, desk: CampaignDesk) -> None:
        desk.open(planned(annotators=(CampaignAnnotator("ada"),)))
        assert desk.next(desk.person("ada")) is not None
        with pytest.raises(NotAllowed):
            desk.person("bob")

    def test_a_crowd_is_known_by_its_platform(self, desk: CampaignDesk) -> None:
        crowd = Crowd(people=3, parameters={"annotator": "PID"}, completion_code="C1")
        desk.campaigns.create(planned(crowd=crowd))
        with pytest.raises(NotAllowed):
            desk.person("ada")
        (row,) = rows(desk.database)["annotators"]
        ada = Caller(row["id"], "ada", "annotator")  # type: ignore[arg-type]
        desk.membership.join(ada, NAME, crowd=CrowdIdentity("p-1", "s-1"))
        desk.membership.join(ada, NAME, crowd=CrowdIdentity("p-2"))
        (member,) = rows(desk.database)["campaign_members"]
        assert (member["external_id"], member["study"], member["session"]) == ("p-1", "s-1", None)


def test_the_next_item_is_chance_among_equals(new_database) -> None:  # type: ignore[no-untyped-def]
    firsts = set()
    for seed in range(12):
        desk = CampaignDesk(new_database(), random=Random(seed))
        desk.open(planned(judged=30))
        item = desk.next(desk.person("ada"))
        assert item is not None
        firsts.add((item.battle.turns[0].prompt, models_shown(item)))
    assert len(firsts) > 8
