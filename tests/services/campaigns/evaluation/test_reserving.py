"""What was handed out is resumable, free again in time, and never above the overlap."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from arena.domain.campaign import TimeLimits
from arena.domain.errors import BadInput, Conflict, NotAllowed, NotFound, Refusal
from arena.domain.evaluation import ItemView, NothingToJudge
from arena.services.battle.voting import LONGEST_COMMENT
from tests.fakes.campaigns import MORNING, NAME, CampaignDesk, models_shown, planned, prefers
from tests.storage.old_ledgers import rows

EVEN = prefers({}, Random(1))


class TestReservation:
    def test_the_same_item_waits_on_any_machine(self, desk: CampaignDesk) -> None:
        desk.open(planned(turns=2))
        ada = desk.person("ada")
        first = desk.next(ada)
        desk.clock.pass_by(minutes=59)
        again = CampaignDesk(desk.database, desk.clock, Random(99)).next(ada)
        assert again == first
        assert first is not None
        assert [turn.prompt for turn in first.battle.turns] != []
        assert len(rows(desk.database)["assignments"]) == 1

    def test_a_view_tells_no_model_and_no_purpose(self, desk: CampaignDesk) -> None:
        desk.open(planned(check_items=2, repeats=0.3))
        item = desk.next(desk.person("ada"))
        assert isinstance(item, ItemView)
        assert set(ItemView.__slots__) == {
            *("assignment_id", "battle", "language", "category", "notes", "ballot", "revisable")
        }

    def test_a_reservation_that_expires_goes_to_another(self, desk: CampaignDesk) -> None:
        desk.open(planned(judged=1, overlap=1, time_limits=TimeLimits(minutes_per_item=15)))
        ada, bob = desk.person("ada"), desk.person("bob")
        left = desk.next(ada)
        assert desk.assigning.next(bob, NAME) is NothingToJudge.ALL_RESERVED
        desk.clock.pass_by(minutes=15)
        assert desk.judge_next(bob, EVEN)
        assert left is not None
        with pytest.raises(Conflict, match=Refusal.ITEM_EXPIRED.value):
            desk.judge(ada, left, EVEN(left, models_shown(left)))
        assert desk.assigning.next(ada, NAME) is NothingToJudge.FINISHED
        states = Counter(row["state"] for row in rows(desk.database)["battles"])
        assert states == {"abandoned": 1, "voted": 1}

    def test_a_late_ballot_counts_while_the_place_is_free(self, desk: CampaignDesk) -> None:
        desk.open(planned(judged=1, overlap=1))
        ada = desk.person("ada")
        item = desk.next(ada)
        desk.clock.pass_by(days=2)
        assert item is not None
        desk.judge(ada, item, EVEN(item, models_shown(item)))
        assert len(rows(desk.database)["votes"]) == 1

    def test_whoever_let_an_item_expire_may_have_it_again(self, desk: CampaignDesk) -> None:
        desk.open(planned(judged=1, overlap=1))
        ada = desk.person("ada")
        first = desk.next(ada)
        desk.clock.pass_by(hours=2)
        again = desk.next(ada)
        assert first is not None
        assert again is not None
        assert again.assignment_id != first.assignment_id

    def test_who_had_all_items_has_finished_whatever_others_have_reserved(
        self, desk: CampaignDesk
    ) -> None:
        desk.open(planned(judged=1, overlap=2))
        ada, bob = desk.person("ada"), desk.person("bob")
        desk.judge_next(ada, EVEN)
        assert desk.next(bob) is not None
        assert desk.assigning.next(ada, NAME) is NothingToJudge.FINISHED

    def test_nothing_is_assigned_after_the_last_day(self, desk: CampaignDesk) -> None:
        desk.open(planned(time_limits=TimeLimits(last_day=MORNING.date())))
        ada = desk.person("ada")
        assert desk.next(ada) is not None
        desk.clock.pass_by(days=1)
        assert desk.assigning.next(ada, NAME) is NothingToJudge.CLOSED


class TestSkipping:
    def test_it_gives_the_place_to_others_for_a_reason(self, desk: CampaignDesk) -> None:
        desk.open(planned(judged=1, overlap=1))
        ada, bob = desk.person("ada"), desk.person("bob")
        item = desk.next(ada)
        assert item is not None
        desk.assigning.skip(ada, item.assignment_id, "language: it is in Dutch")
        assert desk.next(ada) is None
        assert desk.judge_next(bob, EVEN)
        skipped = rows(desk.database)["assignments"][0]
        assert skipped["skip_reason"] == "language: it is in Dutch"
        with pytest.raises(Conflict, match=Refusal.ITEM_EXPIRED.value):
            desk.assigning.skip(ada, item.assignment_id, "again")

    def test_it_needs_a_reason_and_an_item_of_ones_own(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        item = desk.next(desk.person("ada"))
        assert item is not None
        with pytest.raises(BadInput):
            desk.assigning.skip(desk.person("ada"), item.assignment_id, " ")
        with pytest.raises(NotAllowed):
            desk.assigning.skip(desk.person("bob"), item.assignment_id, "because")
        with pytest.raises(NotFound):
            desk.assigning.skip(desk.person("bob"), "nothing", "because")

    def test_the_reason_may_be_as_long_as_a_comment(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        ada = desk.person("ada")
        item = desk.next(ada)
        assert item is not None
        with pytest.raises(BadInput, match=Refusal.COMMENT_TOO_LONG.value):
            desk.assigning.skip(ada, item.assignment_id, "x" * (LONGEST_COMMENT + 1))
        desk.assigning.skip(ada, item.assignment_id, "x" * LONGEST_COMMENT)
        assert rows(desk.database)["assignments"][0]["skip_reason"] == "x" * LONGEST_COMMENT


def test_everything_in_time_is_what_the_clock_says(desk: CampaignDesk) -> None:
    desk.open(planned())
    ada = desk.person("ada")
    item = desk.next(ada)
    assert item is not None
    desk.clock.pass_by(seconds=42)
    desk.judge(ada, item, EVEN(item, models_shown(item)))
    stored = rows(desk.database)
    (assignment,) = stored["assignments"]
    assert stored["votes"][0]["reading_s"] == timedelta(seconds=42).total_seconds()
    assert assignment["visible_s"] == 1.0
    assert str(assignment["opened_at"]).startswith("2026-03-01 09:00:00")
    assert str(assignment["judged_at"]).startswith("2026-03-01 09:00:42")
