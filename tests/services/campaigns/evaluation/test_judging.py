"""Ballots: committed on what was shown, once, and replaced only until the next item is opened."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from arena.domain.battle import BattleId, Shown
from arena.domain.campaign import ProtocolKind, TimeLimits
from arena.domain.errors import BadInput, Conflict, NotAllowed, NotFound, Refusal
from arena.domain.evaluation import Attention, CampaignBallot
from arena.domain.verdict import Reason, Verdict
from arena.storage.database import Database
from tests.fakes.campaigns import MORNING, NAME, CampaignDesk, planned
from tests.services.campaigns.evaluation.recounted import (
    A_BETTER,
    B_BETTER,
    opened,
    recounted_desk,
    say,
    verdicts,
)
from tests.storage.old_ledgers import rows

CRITERIA = {"accuracy": None, "clarity": None}
SCORES = {(slot, name): 3 + slot for slot in (0, 1) for name in CRITERIA}
RICH = CampaignBallot(
    verdict=Verdict.A_BETTER,
    much=True,
    scores=SCORES,
    reasons=((0, Reason.USEFUL), (1, Reason.UNSAFE)),
    comment=" clear \ud800 ",
)


@pytest.fixture
def desk(database: Database) -> Iterator[CampaignDesk]:
    yield from recounted_desk(database)


class TestBallots:
    def test_all_that_was_asked_is_stored(self, desk: CampaignDesk) -> None:
        desk.open(planned(strength=True, criteria=CRITERIA))
        item = opened(desk)
        say(desk, item, RICH)
        stored = rows(desk.database)
        (vote,) = stored["votes"]
        assert (vote["verdict"], vote["strength"], vote["comment"]) == (
            "a_better",
            "much",
            "clear �",
        )
        assert len(stored["vote_scores"]) == 4
        assert [row["reason"] for row in stored["vote_reasons"]] == ["useful", "unsafe"]
        seen = desk.judging.item(desk.person("ada"), item.assignment_id)
        assert seen.ballot == replace(RICH, comment="clear �")
        assert seen.revisable

    @pytest.mark.parametrize(
        ("ballot", "refusal"),
        [
            (CampaignBallot(), Refusal.WRONG_VERDICT),
            (replace(RICH, much=None), Refusal.BALLOT_INCOMPLETE),
            (replace(RICH, verdict=Verdict.TIE), Refusal.WRONG_VERDICT),
            (replace(RICH, ranks=(1, 2)), Refusal.WRONG_VERDICT),
            (replace(RICH, scores={}), Refusal.BALLOT_INCOMPLETE),
            (replace(RICH, scores=SCORES | {(2, "clarity"): 1}), Refusal.BALLOT_INCOMPLETE),
            (replace(RICH, scores=SCORES | {(1, "clarity"): 6}), Refusal.WRONG_VERDICT),
            (replace(RICH, reasons=((2, Reason.USEFUL),)), Refusal.WRONG_VERDICT),
            (replace(RICH, comment="x" * 4001), Refusal.COMMENT_TOO_LONG),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, desk: CampaignDesk, ballot: CampaignBallot, refusal: Refusal
    ) -> None:
        desk.open(planned(strength=True, criteria=CRITERIA))
        item = opened(desk)
        with pytest.raises(BadInput, match=refusal.value):
            say(desk, item, ballot)
        assert rows(desk.database)["votes"] == []

    @pytest.mark.parametrize(
        "ballot",
        [
            replace(A_BETTER, much=True),
            replace(A_BETTER, reasons=((0, Reason.USEFUL),)),
            replace(A_BETTER, comment="so"),
        ],
    )
    def test_what_was_not_asked_is_refused(
        self, desk: CampaignDesk, ballot: CampaignBallot
    ) -> None:
        desk.open(planned(reasons=False, comment=False))
        with pytest.raises(BadInput, match=Refusal.WRONG_VERDICT.value):
            say(desk, opened(desk), ballot)

    @pytest.mark.parametrize("ranks", [(1, 1, 1), (3, 1, 2), (1, 3, 1)])
    def test_a_ranking_may_have_ties(self, desk: CampaignDesk, ranks: tuple[int, ...]) -> None:
        desk.open(planned(models=3, kind=ProtocolKind.ALL_AT_ONCE))
        say(desk, opened(desk), CampaignBallot(ranks=ranks))
        assert tuple(row["rank"] for row in rows(desk.database)["vote_rankings"]) == ranks
        assert len(verdicts(desk)) == 3

    @pytest.mark.parametrize("ranks", [(), (1, 2), (0, 1, 2), (2, 2, 3), (1, 2, 4)])
    def test_a_ranking_ranks_every_reply(self, desk: CampaignDesk, ranks: tuple[int, ...]) -> None:
        desk.open(planned(models=3, kind=ProtocolKind.ALL_AT_ONCE))
        with pytest.raises(BadInput, match=Refusal.WRONG_VERDICT.value):
            say(desk, opened(desk), CampaignBallot(ranks=ranks))

    @pytest.mark.parametrize("more", [{"verdict": Verdict.TIE}, {"much": True}])
    def test_a_ranking_says_nothing_else(self, desk: CampaignDesk, more: dict[str, Any]) -> None:
        desk.open(planned(models=3, kind=ProtocolKind.ALL_AT_ONCE))
        with pytest.raises(BadInput, match=Refusal.WRONG_VERDICT.value):
            say(desk, opened(desk), CampaignBallot(ranks=(1, 2, 3), **more))

    def test_a_comment_has_at_most_four_thousand_characters(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        item = opened(desk)
        with pytest.raises(BadInput) as caught:
            say(desk, item, replace(A_BETTER, comment="x" * 4001))
        assert caught.value.details == {"length": 4001, "limit": 4000}
        say(desk, item, replace(A_BETTER, comment="x" * 4000))
        assert rows(desk.database)["votes"][0]["comment"] == "x" * 4000

    def test_a_vote_is_on_what_was_shown(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        item = opened(desk)
        other = replace(item, battle=replace(item.battle, turns=()))
        with pytest.raises(Conflict, match=Refusal.PAGE_OUTDATED.value):
            say(desk, other, A_BETTER)
        assert Shown(BattleId("x"), "y") != item.battle.shown

    def test_it_is_the_annotators_own(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        item = opened(desk)
        for call in (
            lambda: say(desk, item, A_BETTER, "bob"),
            lambda: desk.judging.item(desk.person("bob"), item.assignment_id),
        ):
            with pytest.raises(NotAllowed, match=Refusal.NOT_YOUR_BATTLE.value):
                call()
        with pytest.raises(NotFound):
            desk.judging.item(desk.person("ada"), "nothing")

    @pytest.mark.parametrize("change", ["pause", "close"])
    def test_a_campaign_that_takes_no_votes_takes_none(
        self, desk: CampaignDesk, change: str
    ) -> None:
        desk.open(planned())
        item = opened(desk)
        getattr(desk.openings, change)(NAME)
        with pytest.raises(Conflict, match=Refusal.CAMPAIGN_NOT_OPEN.value):
            say(desk, item, A_BETTER)

    def test_nothing_is_judged_after_the_last_day(self, desk: CampaignDesk) -> None:
        desk.open(planned(time_limits=TimeLimits(last_day=MORNING.date())))
        item = opened(desk)
        desk.clock.pass_by(days=1)
        with pytest.raises(Conflict, match=Refusal.CAMPAIGN_NOT_OPEN.value):
            say(desk, item, A_BETTER)

    def test_what_was_seen_of_an_item_is_stored(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        item = opened(desk)
        attention = Attention(visible_s=12.5, scroll_depths=(1.0, 0.5))
        ada = desk.person("ada")
        desk.judging.judge(ada, item.assignment_id, item.battle.shown, A_BETTER, attention)
        (stored,) = rows(desk.database)["assignments"]
        assert (stored["visible_s"], stored["scroll_depth"]) == (12.5, 0.75)
        assert stored["scroll_depths"] == "1 0.5"


class TestUndo:
    def test_a_ballot_is_replaced_until_the_next_item_is_opened(self, desk: CampaignDesk) -> None:
        desk.open(planned(strength=True, criteria=CRITERIA))
        item = opened(desk)
        say(desk, item, RICH)
        second = replace(
            RICH,
            verdict=Verdict.B_BETTER,
            much=False,
            scores=dict.fromkeys(SCORES, 1),
            reasons=(),
            comment="",
        )
        say(desk, item, second)
        assert verdicts(desk) == ["b_better"]
        seen = desk.judging.item(desk.person("ada"), item.assignment_id)
        assert (seen.ballot, seen.revisable) == (second, True)
        stored = rows(desk.database)
        assert [row["verdict"] for row in stored["votes"]] == ["a_better"]
        assert [(row["why"], row["who"]) for row in stored["vote_revisions"]] == [
            ("undo", stored["annotators"][0]["id"])
        ]

        opened(desk)
        with pytest.raises(Conflict, match=Refusal.ALREADY_VOTED.value):
            say(desk, item, RICH)
        assert not desk.judging.item(desk.person("ada"), item.assignment_id).revisable
        assert verdicts(desk) == ["b_better"]

    def test_the_same_ballot_again_is_no_revision(self, desk: CampaignDesk) -> None:
        desk.open(planned(strength=True, criteria=CRITERIA))
        item = opened(desk)
        for ballot in (RICH, RICH, replace(RICH, reasons=RICH.reasons[::-1])):
            say(desk, item, ballot)
        stored = rows(desk.database)
        assert (len(stored["votes"]), stored["vote_revisions"]) == (1, [])
        assert [row["state"] for row in stored["battles"]] == ["voted"]

    def test_a_ranking_is_replaced_as_a_whole(self, desk: CampaignDesk) -> None:
        desk.open(planned(models=3, kind=ProtocolKind.ALL_AT_ONCE))
        item = opened(desk)
        for ranks in ((1, 2, 3), (3, 2, 1), (1, 1, 2)):
            say(desk, item, CampaignBallot(ranks=ranks))
        assert verdicts(desk) == ["tie", "a_better", "a_better"]
        assert len(rows(desk.database)["vote_revisions"]) == 2
        seen = desk.judging.item(desk.person("ada"), item.assignment_id).ballot
        assert seen == CampaignBallot(ranks=(1, 1, 2))

    def test_the_last_ballot_can_be_replaced_when_nothing_is_left(self, desk: CampaignDesk) -> None:
        desk.open(planned(judged=1, overlap=1))
        item = opened(desk)
        say(desk, item, A_BETTER)
        assert desk.next(desk.person("ada")) is None
        say(desk, item, B_BETTER)
        assert verdicts(desk) == ["b_better"]

    def test_a_skipped_item_ends_it_too(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        item = opened(desk)
        say(desk, item, A_BETTER)
        desk.assigning.skip(desk.person("ada"), opened(desk).assignment_id, "unclear")
        with pytest.raises(Conflict, match=Refusal.ALREADY_VOTED.value):
            say(desk, item, B_BETTER)

    def test_what_an_admin_corrected_keeps_the_rest_of_the_ballot(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        item = opened(desk)
        say(desk, item, replace(A_BETTER, comment="so"))
        say(desk, item, replace(B_BETTER, comment="no"))
        with desk.database.writing() as connection:
            connection.exec_driver_sql(
                "INSERT INTO vote_revisions (vote_id, revision, verdict, who, why, at) "
                "VALUES (1, 2, 'tie', 1, 'slip', '2026-03-01')"
            )
        seen = desk.judging.item(desk.person("ada"), item.assignment_id).ballot
        assert seen == CampaignBallot(verdict=Verdict.TIE, comment="no")
