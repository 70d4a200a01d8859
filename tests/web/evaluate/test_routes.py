"""The evaluation page over HTTP, with campaigns that are scripted."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from arena.domain.accounts import Caller
from arena.domain.battle import Shown
from arena.domain.campaign import Protocol, ProtocolKind
from arena.domain.errors import Refusal, Unavailable
from arena.domain.evaluation import (
    Attention,
    CampaignBallot,
    NothingToJudge,
    SkipReason,
)
from arena.domain.localized import LocalizedText
from arena.domain.verdict import Verdict
from arena.services.battle.voting import ModelCard
from arena.web.common.texts import load_texts
from arena.web.evaluate.pages import BREAK_AFTER, EvaluationPages
from arena.web.evaluate.routes import evaluate_router
from arena.web.http.access import HasCookies
from arena.web.rendering.answer import render_answer
from tests.web.evaluate.evaluations import AGE, ANNOTATOR, ScriptedEvaluations, item, words

Visit = Callable[[ScriptedEvaluations], TestClient]
_TAGS = re.compile(r"<[^>]*>")


class _SignedIn:
    """Sessions of one annotator, or of nobody."""

    def __init__(self, caller: Caller | None) -> None:
        self._caller = caller

    def caller(self, request: HasCookies | None) -> Caller | None:
        return self._caller

    def sign_out_token(self, request: HasCookies) -> str:
        return "token"


def visiting(
    evaluations: ScriptedEvaluations, caller: Caller | None = ANNOTATOR, language: str = "en"
) -> TestClient:
    app, texts = FastAPI(), load_texts()
    pages = EvaluationPages(partial(render_answer, ended=True))
    app.include_router(evaluate_router(evaluations, pages, _SignedIn(caller), texts))
    return TestClient(app, headers={"accept-language": language}, follow_redirects=False)


def pairwise(**changes: object) -> ScriptedEvaluations:
    items = [item(number, category="writing") for number in (1, 2)]
    return ScriptedEvaluations(words(), items, **changes)  # type: ignore[arg-type]


def ranked(slots: int = 3) -> ScriptedEvaluations:
    return ScriptedEvaluations(words(ProtocolKind.ALL_AT_ONCE), [item(1, slots=slots)])


def said(page: str) -> str:
    return re.sub(r"\s+", " ", _TAGS.sub(" ", page))


def ballot_of(evaluations: ScriptedEvaluations, **fields: str) -> dict[str, str]:
    shown = evaluations.items[0].battle.shown
    own = {"item": evaluations.items[0].assignment_id}
    return own | {"shown": f"{shown.battle_id} {shown.digest}"} | fields


def test_an_item_is_shown_with_its_prompt_its_replies_and_the_progress() -> None:
    page = visiting(pairwise()).get("/evaluate")

    assert page.status_code == 200
    assert "Prompt 1, turn 1" in said(page.text)
    assert "Reply 1.1 of slot 0" in said(page.text)
    assert "Reply 1.1 of slot 1" in said(page.text)
    assert "0 of 2" in said(page.text)
    assert "Writing" in said(page.text)
    assert page.headers["cache-control"] == "no-store"


def test_a_vote_is_committed_and_then_the_item_stays_in_view() -> None:
    evaluations = pairwise()
    client = visiting(evaluations)
    fields = ballot_of(evaluations, verdict="a_better", visible_s="12.5", scroll_depth="0.5")

    answer = client.post("/evaluate/vote", data=fields)

    assert answer.status_code == 303
    saved = client.get(answer.headers["location"])
    assert "Saved: A is better." in said(saved.text)
    assert "Reply 1.1 of slot 0" in said(saved.text)
    ballot = CampaignBallot(verdict=Verdict.A_BETTER)
    assert evaluations.judged == [("item-1", ballot, Attention(12.5, 0.5))]
    assert "Prompt 2, turn 1" in said(client.get("/evaluate").text)


@pytest.mark.parametrize(("slots", "layout"), [(2, "columns"), (3, "columns"), (4, "list")])
def test_up_to_three_replies_stand_side_by_side_and_more_are_a_list(
    slots: int, layout: str
) -> None:
    page = visiting(ranked(slots)).get("/evaluate")

    assert re.search(rf'<main id="evaluate" class="{layout} ranked"', page.text)
    assert page.text.count('name="rank-') == slots * slots


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


def test_an_item_is_skipped_with_a_reason_and_the_next_one_comes() -> None:
    evaluations = pairwise()
    client = visiting(evaluations)
    fields = {"item": "item-1", "reason": "expertise", "words": "No chemist."}

    answer = client.post("/evaluate/skip", data=fields)

    assert answer.status_code == 303
    assert evaluations.skipped == [("item-1", SkipReason.EXPERTISE, "No chemist.")]
    assert "Prompt 2, turn 1" in said(client.get(answer.headers["location"]).text)


def test_questions_and_consent_come_before_the_first_item() -> None:
    asked = words(questions=(AGE,), consent=LocalizedText({"en": "Votes are *published*."}))
    evaluations = ScriptedEvaluations(asked, [item(1)], begun=False)
    client = visiting(evaluations)
    page = client.get("/evaluate")
    assert "How old are you?" in said(page.text)
    assert "<em>published</em>" in page.text

    refused = client.post("/evaluate/begin", data={"campaign": asked.name, "answer-age": "34"})
    assert refused.status_code == 400
    assert "Please agree before you begin" in said(refused.text)
    assert 'value="34"' in refused.text

    agreed = {"campaign": asked.name, "answer-age": "34", "consent": "yes"}
    answer = client.post("/evaluate/begin", data=agreed)
    assert evaluations.answers == {"age": "34"}
    assert "Prompt 1, turn 1" in said(client.get(answer.headers["location"]).text)


@pytest.mark.parametrize("why", NothingToJudge)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_for_nothing_to_judge_has_a_sentence(
    why: NothingToJudge, language: str
) -> None:
    page = visiting(pairwise(nothing=why), language=language).get("/evaluate")

    assert page.status_code == 200
    assert load_texts().by_language[language][f"evaluate.nothing.{why.value}"] in said(page.text)


def test_who_has_finished_gets_the_completion_code_or_the_way_back() -> None:
    coded = pairwise(nothing=NothingToJudge.FINISHED, finish="C1A2")
    assert '<code id="completion-code">C1A2</code>' in visiting(coded).get("/evaluate").text

    back = pairwise(nothing=NothingToJudge.FINISHED, finish="https://platform.example/done?id=1")
    assert 'href="https://platform.example/done?id=1"' in visiting(back).get("/evaluate").text


def test_who_is_not_signed_in_is_told_whom_to_ask() -> None:
    page = visiting(pairwise(), caller=None).get("/evaluate")

    assert page.status_code == 401
    assert "personal link" in said(page.text)


def test_who_takes_part_in_several_campaigns_chooses_one() -> None:
    page = visiting(pairwise(names=("One & all", "Two"))).get("/evaluate")

    assert 'href="/evaluate?campaign=One%20%26%20all"' in page.text
    assert visiting(pairwise(names=())).get("/evaluate").status_code == 200


def test_an_item_of_somebody_else_is_not_found() -> None:
    page = visiting(pairwise()).get("/evaluate/saved", params={"item": "item-9"})

    assert page.status_code == 404


def test_a_break_is_suggested_after_every_fifty_ballots_of_a_day() -> None:
    for today, expected in ((BREAK_AFTER, True), (BREAK_AFTER + 1, False)):
        evaluations = pairwise(today=today)
        client = visiting(evaluations)
        client.post("/evaluate/vote", data=ballot_of(evaluations, verdict="tie"))
        saved = client.get("/evaluate/saved", params={"item": "item-1"})
        assert ("short break" in said(saved.text)) is expected


def test_texts_of_models_and_prompts_are_shown_and_never_act() -> None:
    hostile = "<script>alert(1)</script> \"' & <img src=x onerror=alert(1)>"
    shown = item(1)
    turn = type(shown.battle.turns[0])(hostile, (hostile, hostile))
    battle = type(shown.battle)(shown.battle.battle_id, shown.battle.state, 2, (turn,))
    evaluations = ScriptedEvaluations(
        words(), [type(shown)(assignment_id="item-1", battle=battle, language="en", notes=hostile)]
    )

    page = visiting(evaluations).get("/evaluate").text

    assert "<script>alert" not in page
    assert "<img" not in page
    assert "onerror=alert(1)&gt;" in page or "onerror=alert(1)&#" in page


def test_scores_and_reasons_are_asked_for_as_the_protocol_says() -> None:
    protocol = Protocol(
        kind=ProtocolKind.PAIRWISE,
        criteria={"accuracy": None, "tone": LocalizedText({"en": "Tone of voice"})},
    )
    evaluations = ScriptedEvaluations(words(protocol=protocol), [item(1)])

    page = visiting(evaluations).get("/evaluate")

    assert "Accuracy" in said(page.text)
    assert "Tone of voice" in said(page.text)
    assert page.text.count("<select") == 4
    assert page.text.count('type="checkbox"') == 18
    plain = visiting(pairwise()).get("/evaluate").text
    assert "<select" not in plain
    assert 'type="checkbox"' not in plain
