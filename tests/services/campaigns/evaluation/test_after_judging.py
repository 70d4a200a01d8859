"""What others see of a ballot: models' names, exports, and nothing for open play."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from arena.domain.campaign import CampaignReveal, ProtocolKind, TimeLimits
from arena.domain.errors import ArenaError, NotFound, Refusal
from arena.domain.evaluation import CampaignBallot, ItemView
from arena.domain.verdict import Reason, Verdict
from arena.services.battle.voting import Ballot, Voting
from arena.services.campaigns.evaluation.revealing import Reveals
from arena.services.campaigns.evaluation.standing import Standings
from arena.storage.battles import abandon_older_than
from arena.storage.database import Database
from arena.storage.exports.votes import vote_batches
from tests.fakes.campaigns import NAME, CampaignDesk, models_shown, planned, prefers
from tests.services.campaigns.evaluation.recounted import (
    A_BETTER,
    B_BETTER,
    opened,
    recounted_desk,
    say,
    verdicts,
)


@pytest.fixture
def desk(database: Database) -> Iterator[CampaignDesk]:
    yield from recounted_desk(database)


class TestReveal:
    def cards(self, desk: CampaignDesk, item: ItemView) -> list[tuple[str, bool]]:
        reveals = Reveals(desk.database, desk.clock)
        found = reveals.cards(desk.person("ada"), item.assignment_id)
        return [(card.key, card.winner) for card in found]

    def test_nobody_is_named_by_default(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        item = opened(desk)
        say(desk, item, A_BETTER)
        desk.openings.close(NAME)
        assert self.cards(desk, item) == []

    def test_after_the_vote_models_are_named_and_the_ballot_stands(
        self, desk: CampaignDesk
    ) -> None:
        desk.open(planned(reveal=CampaignReveal.AFTER_VOTE))
        item = opened(desk)
        assert self.cards(desk, item) == []
        say(desk, item, A_BETTER)
        named = self.cards(desk, item)
        assert {key for key, _ in named} == {"m0", "m1"}
        assert [winner for _, winner in named] == [True, False]
        with pytest.raises(ArenaError, match=Refusal.ALREADY_VOTED.value):
            say(desk, item, B_BETTER)

    def test_at_the_end_means_when_the_campaign_is_closed(self, desk: CampaignDesk) -> None:
        desk.open(planned(models=3, kind=ProtocolKind.ALL_AT_ONCE, reveal=CampaignReveal.AT_END))
        item = opened(desk)
        say(desk, item, CampaignBallot(ranks=(2, 1, 2)))
        assert self.cards(desk, item) == []
        desk.openings.close(NAME)
        assert [winner for _, winner in self.cards(desk, item)] == [False, True, False]

    @pytest.mark.parametrize("reveal", CampaignReveal)
    def test_what_was_judged_is_found_after_the_end_where_models_are_named(
        self, desk: CampaignDesk, reveal: CampaignReveal
    ) -> None:
        desk.open(planned(judged=8, overlap=1, repeats=0.5, check_items=2, reveal=reveal))
        ada = desk.person("ada")
        while desk.judge_next(ada, prefers({"m0": 1.0}, Random(1))):
            pass
        reveals = Reveals(desk.database, desk.clock)
        standings = Standings(desk.database, desk.clock)
        assert (reveals.campaigns(ada), standings.standing(ada, NAME).judged) == ((), ())

        desk.openings.close(NAME)
        found = standings.standing(ada, NAME).judged

        if reveal is CampaignReveal.NEVER:
            assert (reveals.campaigns(ada), found) == ((), ())
        else:
            assert reveals.campaigns(ada) == (NAME,)
            assert len({one.prompt for one in found}) == len(found) == 8
            assert all(reveals.cards(ada, one.assignment_id) for one in found)
        assert reveals.campaigns(desk.person("bob")) == ()


class TestExports:
    def exported(self, desk: CampaignDesk) -> dict[str, object]:
        with desk.database.reading() as connection:
            (batch,) = vote_batches(connection, names=True)
        return {name: cells[0] for name, cells in batch.items()}

    def test_an_export_has_the_ballot_in_force(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        item = opened(desk)
        say(desk, item, replace(A_BETTER, reasons=((0, Reason.USEFUL),), comment="so"))
        said = self.exported(desk)
        assert (said["verdict"], said["reasons"], said["comment"]) == (
            *("a_better", "a:useful", "so"),
        )
        say(desk, item, replace(B_BETTER, reasons=((1, Reason.UNSAFE),)))
        said = self.exported(desk)
        assert (said["verdict"], said["reasons"], said["comment"]) == (
            *("b_better", "b:unsafe", ""),
        )
        assert said["revisions"] == 1

    def test_an_export_has_the_ranking_in_force(self, desk: CampaignDesk) -> None:
        desk.open(planned(models=3, kind=ProtocolKind.ALL_AT_ONCE))
        item = opened(desk)
        say(desk, item, CampaignBallot(ranks=(1, 2, 3)))
        say(desk, item, CampaignBallot(ranks=(3, 2, 1)))
        models = models_shown(item)
        assert self.exported(desk)["ranking"] == " > ".join(models[::-1])


class TestOpenPlay:
    """What open play can do with a battle, it cannot do with one of a campaign."""

    def test_its_vote_and_its_reveal_find_no_assigned_battle(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        item = opened(desk)
        ada, shown = desk.person("ada"), item.battle.shown
        voting = Voting(desk.database, desk.clock, release=lambda _: None)
        with pytest.raises(NotFound, match=Refusal.BATTLE_NOT_FOUND.value):
            voting.cast(ada, shown, Ballot(verdict=Verdict.TIE))
        say(desk, item, A_BETTER)
        with pytest.raises(NotFound, match=Refusal.BATTLE_NOT_FOUND.value):
            voting.reveal(ada, shown.battle_id)
        assert verdicts(desk) == ["a_better"]

    def test_it_does_not_abandon_reserved_items(self, desk: CampaignDesk) -> None:
        desk.open(planned(time_limits=TimeLimits(minutes_per_item=60 * 48)))
        item = opened(desk)
        desk.clock.pass_by(days=1, hours=1)
        with desk.database.writing() as connection:
            assert abandon_older_than(connection, desk.clock.now()) == 0
        assert opened(desk).assignment_id == item.assignment_id
