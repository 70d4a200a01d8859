"""A campaign opens when every reply is there; then it is decided what is judged."""

from collections import Counter
from itertools import combinations

import pytest

from arena.domain.campaign import ProtocolKind
from arena.domain.conversation import ModelKey
from arena.domain.evaluation import NothingToJudge
from arena.services.campaigns.opening import MissingReplies, RepliesMissing
from arena.services.campaigns.refusals import CampaignRefused
from arena.storage.database import Database
from tests.fakes.campaigns import NAME, CampaignDesk, planned, put_replies
from tests.storage.old_ledgers import rows

LACKING = MissingReplies("p2", ModelKey("m1"))


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    return CampaignDesk(database)


def items(desk: CampaignDesk) -> list[tuple[object, object]]:
    stored = sorted(rows(desk.database)["items"], key=lambda row: int(str(row["id"])))
    return [(row["prompt"], row["models"]) for row in stored]


def test_every_pair_of_every_prompt_is_an_item(desk: CampaignDesk) -> None:
    desk.open(planned(models=4, judged=5, check_items=2))
    pairs = [f"{one} {other}" for one, other in combinations(range(4), 2)]
    assert Counter(items(desk)) == Counter(
        [(prompt, pair) for prompt in range(1, 6) for pair in pairs] + [(6, ""), (7, "")]
    )


def test_all_at_once_a_prompt_is_an_item(desk: CampaignDesk) -> None:
    desk.open(planned(models=4, judged=5, kind=ProtocolKind.ALL_AT_ONCE))
    assert sorted(items(desk)) == [(prompt, "0 1 2 3") for prompt in range(1, 6)]


def test_items_are_in_an_order_of_chance(desk: CampaignDesk) -> None:
    desk.open(planned(models=2, judged=30))
    assert [prompt for prompt, _ in items(desk)] != list(range(1, 31))


@pytest.mark.parametrize("models", [3, 4, 5])
def test_a_sample_has_every_pair_as_often_as_every_other(desk: CampaignDesk, models: int) -> None:
    desk.open(planned(models=models, judged=11, pairs_per_prompt=2))
    drawn = items(desk)
    assert set(Counter(prompt for prompt, _ in drawn).values()) == {2}
    counts = Counter(pair for _, pair in drawn).values()
    assert max(counts) - min(counts) <= 1


class TestMissingReplies:
    def store(self, desk: CampaignDesk, **changes: object) -> None:
        desk.campaigns.create(planned(models=3, judged=3, **changes))  # type: ignore[arg-type]
        with desk.database.writing() as connection:
            put_replies(connection, without=[("p2", "m1")])

    def test_they_are_named_and_nothing_opens(self, desk: CampaignDesk) -> None:
        self.store(desk)
        before = rows(desk.database)
        with pytest.raises(RepliesMissing, match="m1 to 'p2'") as refused:
            desk.openings.open(NAME)
        assert "generate or import them, or open with --accept-missing" in str(refused.value)
        assert refused.value.missing == desk.openings.missing(NAME) == (LACKING,)
        assert rows(desk.database) == before

    def test_accepted_ones_are_in_no_item(self, desk: CampaignDesk) -> None:
        self.store(desk)
        desk.openings.open(NAME, accept_missing=[LACKING])
        assert [models for prompt, models in items(desk) if prompt == 2] == ["0 2"]
        (event,) = [row for row in rows(desk.database)["campaign_events"] if row["at"]][1:]
        assert event["detail"] == '{"missing": [["p2", "m1"]]}'

    def test_all_at_once_the_others_are_ranked(self, desk: CampaignDesk) -> None:
        self.store(desk, kind=ProtocolKind.ALL_AT_ONCE)
        desk.openings.open(NAME, accept_missing=[LACKING])
        assert dict(items(desk)) == {1: "0 1 2", 2: "0 2", 3: "0 1 2"}

    def test_an_empty_reply_is_missing(self, desk: CampaignDesk) -> None:
        desk.campaigns.create(planned(judged=1, turns=2))
        with desk.database.writing() as connection:
            put_replies(connection, text=lambda key, _, turn: " " if turn == 2 else key)
        assert [str(one.model) for one in desk.openings.missing(NAME)] == ["m0", "m1"]

    def test_a_campaign_without_replies_has_nothing_to_open(self, desk: CampaignDesk) -> None:
        desk.campaigns.create(planned(judged=2))
        with pytest.raises(CampaignRefused, match="no prompt with replies of two models"):
            desk.openings.open(NAME, accept_missing=desk.openings.missing(NAME))


class TestStates:
    def test_a_pause_keeps_items_and_lets_nobody_judge(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        ada = desk.person("ada")
        before = items(desk)
        desk.openings.pause(NAME)
        assert desk.assigning.next(ada, NAME) is NothingToJudge.PAUSED
        assert desk.openings.open(NAME) == 0
        assert desk.next(ada) is not None
        assert items(desk) == before

    def test_a_closed_campaign_stays_closed(self, desk: CampaignDesk) -> None:
        desk.open(planned())
        desk.openings.close(NAME)
        assert desk.assigning.next(desk.person("ada"), NAME) is NothingToJudge.CLOSED
        for change in (desk.openings.open, desk.openings.pause, desk.openings.close):
            with pytest.raises(CampaignRefused, match="'spring' is closed: it cannot be"):
                change(NAME)

    def test_what_was_never_opened_is_neither_paused_nor_closed(self, desk: CampaignDesk) -> None:
        desk.campaigns.create(planned())
        for change in (desk.openings.pause, desk.openings.close):
            with pytest.raises(CampaignRefused, match="is created: it cannot be"):
                change(NAME)
        assert desk.assigning.next(desk.person("ada"), NAME) is NothingToJudge.NOT_OPEN

    def test_an_unknown_campaign_is_refused(self, desk: CampaignDesk) -> None:
        with pytest.raises(CampaignRefused, match="there is no campaign 'spring'"):
            desk.openings.open(NAME)
