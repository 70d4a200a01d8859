"""Ballots over HTTP: saved once, shown again when incomplete, and kept when they cannot be."""

import re

from arena.domain.accounts import Caller
from arena.domain.battle import Shown
from arena.domain.errors import Refusal, Unavailable
from arena.domain.evaluation import Attention, CampaignBallot
from arena.domain.verdict import Verdict
from arena.services.battle.voting import ModelCard
from arena.web.evaluate.pages import BREAK_AFTER
from tests.web.evaluate.evaluations import ScriptedEvaluations, item, words
from tests.web.evaluate.visits import pairwise, ranked, said, visiting

SEEN = {"depth-a": "1", "depth-b": "0.5"}


def ballot_of(evaluations: ScriptedEvaluations, **fields: str) -> dict[str, str]:
    shown = evaluations.items[0].battle.shown
    own = {"item": evaluations.items[0].assignment_id}
    return own | {"shown": f"{shown.battle_id} {shown.digest}"} | fields


def test_a_vote_is_committed_and_then_the_item_stays_in_view() -> None:
    evaluations = pairwise()
    client = visiting(evaluations)
    fields = ballot_of(evaluations, verdict="a_better", visible_s="12.5", **SEEN)

    answer = client.post("/evaluate/vote", data=fields)

    assert answer.status_code == 303
    saved = client.get(answer.headers["location"])
    assert "Saved: A is better." in said(saved.text)
    assert "Reply 1.1 of slot 0" in said(saved.text)
    ballot = CampaignBallot(verdict=Verdict.A_BETTER)
    assert evaluations.judged == [("item-1", ballot, Attention(12.5, (1.0, 0.5)))]
    assert "Prompt 2, turn 1" in said(client.get("/evaluate").text)


def test_a_ranking_is_saved_and_told_in_its_order() -> None:
    evaluations = ranked()
    client = visiting(evaluations)
    fields = ballot_of(evaluations, **{"rank-a": "2", "rank-b": "1", "rank-c": "2"})

    saved = client.get(client.post("/evaluate/vote", data=fields).headers["location"])

    assert "Saved: B › A = C." in said(saved.text)


def test_an_incomplete_ballot_is_shown_again_with_what_there_is_of_it() -> None:
    evaluations = ranked()
    fields = ballot_of(evaluations, **{"rank-a": "2", "rank-b": "1"})

    page = visiting(evaluations).post("/evaluate/vote", data=fields)

    assert page.status_code == 400
    assert "A part of your ballot is missing" in said(page.text)
    assert re.search(r'name="rank-a" value="2" required checked', page.text)
    assert evaluations.judged == []


def test_a_ballot_beyond_the_limit_is_not_saved_and_stays_on_the_page() -> None:
    evaluations = pairwise()
    client = visiting(evaluations, votes="1/hour")
    fields = ballot_of(evaluations, verdict="a_better")
    assert client.post("/evaluate/vote", data=fields).status_code == 303

    page = client.post("/evaluate/vote", data=fields)

    assert page.status_code == 429
    assert "NOT saved" in said(page.text)
    assert re.search(r'name="verdict" value="a_better"[^>]* checked', page.text)
    assert len(evaluations.judged) == 1


def test_a_ballot_on_other_texts_than_the_item_has_is_refused() -> None:
    evaluations = pairwise()
    fields = ballot_of(evaluations, verdict="tie") | {"shown": "battle-1 of-yesterday"}

    page = visiting(evaluations).post("/evaluate/vote", data=fields)

    assert page.status_code == 409
    assert evaluations.judged == []


def test_a_ballot_that_cannot_be_saved_is_kept_on_the_page() -> None:
    class Failing(ScriptedEvaluations):
        def judge(
            self,
            caller: Caller,
            assignment_id: str,
            shown: Shown,
            ballot: CampaignBallot,
            attention: Attention,
        ) -> None:
            raise Unavailable(Refusal.VOTE_NOT_SAVED)

    evaluations = Failing(words(), [item(1)])
    page = visiting(evaluations).post(
        "/evaluate/vote", data=ballot_of(evaluations, verdict="both_bad")
    )

    assert page.status_code == 503
    assert re.search(r'value="both_bad" required checked', page.text)


def test_a_judged_item_can_be_judged_again_while_it_is_revisable() -> None:
    evaluations = pairwise()
    client = visiting(evaluations)
    client.post("/evaluate/vote", data=ballot_of(evaluations, verdict="a_better"))

    again = client.get("/evaluate/revise", params={"item": "item-1"})
    assert re.search(r'value="a_better" required checked', again.text)

    client.post("/evaluate/vote", data=ballot_of(evaluations, verdict="tie"))
    assert [ballot.verdict for _, ballot, _ in evaluations.judged] == [
        Verdict.A_BETTER,
        Verdict.TIE,
    ]


def test_no_page_before_the_vote_names_a_model_and_the_saved_one_does_if_the_file_says_so() -> None:
    card = ModelCard("A", "Sentinel-7B", "sentinel-7b", None, "", {}, winner=True)
    evaluations = pairwise(named=(card, card))
    client = visiting(evaluations)
    assert "sentinel" not in client.get("/evaluate").text.lower()

    client.post("/evaluate/vote", data=ballot_of(evaluations, verdict="a_better"))

    assert "Sentinel-7B" in client.get("/evaluate/saved", params={"item": "item-1"}).text
    assert "sentinel" not in client.get("/evaluate").text.lower()


def test_whoever_has_done_their_share_is_told_and_may_go_on() -> None:
    evaluations = pairwise()
    client = visiting(evaluations)
    client.post("/evaluate/vote", data=ballot_of(evaluations, verdict="tie"))
    saved = client.get("/evaluate/saved", params={"item": "item-1"})
    assert "That was your share" not in said(saved.text)

    evaluations.items.pop()
    saved = client.get("/evaluate/saved", params={"item": "item-1"})
    assert "That was your share of 1, thank you." in said(saved.text)


def test_a_break_is_suggested_after_every_fifty_ballots_of_a_day() -> None:
    for today, expected in ((BREAK_AFTER, True), (BREAK_AFTER + 1, False)):
        evaluations = pairwise(today=today)
        client = visiting(evaluations)
        client.post("/evaluate/vote", data=ballot_of(evaluations, verdict="tie"))
        saved = client.get("/evaluate/saved", params={"item": "item-1"})
        assert ("short break" in said(saved.text)) is expected
