"""The evaluation page over HTTP, with campaigns that are scripted."""

import re

import pytest

from arena.domain.campaign import Protocol, ProtocolKind
from arena.domain.evaluation import (
    Attention,
    CampaignBallot,
    JudgedItem,
    NothingToJudge,
    SkipReason,
)
from arena.domain.localized import LocalizedText
from arena.domain.verdict import Verdict
from arena.web.common.texts import load_texts
from tests.web.evaluate.evaluations import AGE, ScriptedEvaluations, item, words
from tests.web.evaluate.visits import pairwise, ranked, said, visiting


def test_an_item_is_shown_with_its_prompt_its_replies_and_the_progress() -> None:
    page = visiting(pairwise()).get("/evaluate")

    assert page.status_code == 200
    assert "Prompt 1, turn 1" in said(page.text)
    assert "Reply 1.1 of slot 0" in said(page.text)
    assert "Reply 1.1 of slot 1" in said(page.text)
    assert "0 of 2" in said(page.text)
    assert "Writing" in said(page.text)
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("slots", "layout"), [(2, "columns"), (3, "columns"), (4, "list")])
def test_up_to_three_replies_stand_side_by_side_and_more_are_a_list(
    slots: int, layout: str
) -> None:
    page = visiting(ranked(slots)).get("/evaluate")

    assert re.search(rf'<main id="evaluate" class="{layout} ranked"', page.text)
    assert page.text.count('name="rank-') == slots * slots


def test_an_item_is_skipped_with_a_reason_and_the_next_one_comes() -> None:
    evaluations = pairwise()
    client = visiting(evaluations)
    fields = {"item": "item-1", "reason": "expertise", "words": "No chemist."}

    answer = client.post("/evaluate/skip", data=fields)

    assert answer.status_code == 303
    assert evaluations.skipped == [("item-1", SkipReason.EXPERTISE, "No chemist.")]
    assert "Prompt 2, turn 1" in said(client.get(answer.headers["location"]).text)


def test_nobody_is_asked_for_consent_without_a_session() -> None:
    asked = words(questions=(AGE,), consent=LocalizedText({"en": "Votes are *published*."}))
    evaluations = ScriptedEvaluations(asked, [item(1)], begun=False)
    nobody = visiting(evaluations, None)
    assert nobody.post("/evaluate/begin", data={"campaign": asked.name}).status_code == 403


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


def test_guidelines_stand_before_the_first_item_with_the_share_and_at_hand_after_it() -> None:
    told = words(guidelines=LocalizedText({"en": "Correct before *pleasant*."}))
    evaluations = ScriptedEvaluations(told, [item(1), item(2)], begun=False)
    client = visiting(evaluations)
    page = client.get("/evaluate").text
    assert 'id="ballot"' not in page
    assert "Correct before <em>pleasant</em>." in page
    assert "Your share is 2 items" in said(page)

    client.post("/evaluate/begin", data={"campaign": told.name, "consent": "yes"})

    page = client.get("/evaluate").text
    assert 'id="guidelines-open" aria-haspopup="dialog" aria-keyshortcuts="J"' in page
    assert "<kbd>J</kbd>" in page
    assert "<kbd>J</kbd>" not in visiting(pairwise()).get("/evaluate").text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_list_of_keys_has_those_of_the_item_and_no_others(language: str) -> None:
    texts = load_texts().by_language[language]

    def keys(evaluations: ScriptedEvaluations) -> list[str]:
        page = visiting(evaluations, language=language).get("/evaluate").text
        assert texts["evaluate.keys.submit"] in page
        return re.findall(r"<kbd>(.*?)</kbd>", page)

    assert keys(pairwise()) == ["1", "2", "3", "4", "Enter", "?"]
    assert keys(ranked(3)) == ["1", "2", "3", "A", "B", "C", "Enter", "?"]


@pytest.mark.parametrize("why", NothingToJudge)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_for_nothing_to_judge_has_a_sentence(
    why: NothingToJudge, language: str
) -> None:
    page = visiting(pairwise(nothing=why), language=language).get("/evaluate")

    assert page.status_code == 200
    assert load_texts().by_language[language][f"evaluate.nothing.{why.value}"] in said(page.text)


def test_whoever_took_part_finds_the_items_whose_models_are_named_after_the_end() -> None:
    over = pairwise(nothing=NothingToJudge.CLOSED, names=())
    over.looks_back = (JudgedItem("item-1", "What <is> 2 + 2?"), JudgedItem("item-2", "Why?"))

    page = visiting(over).get("/evaluate")

    assert "This evaluation is over" in said(page.text)
    assert "which models answered" in said(page.text)
    assert "What &lt;is&gt; 2 + 2?" in page.text
    assert re.findall(r'href="/evaluate/saved\?item=([^"]+)"', page.text) == ["item-1", "item-2"]


def test_an_item_that_is_looked_back_at_leads_back_and_invites_to_no_more() -> None:
    over = pairwise()
    over.items = over.items[:1]
    client = visiting(over)
    over.judged = [("item-1", CampaignBallot(verdict=Verdict.TIE), Attention())]
    assert "your share of 1" in said(client.get("/evaluate/saved?item=item-1").text)

    over.looks_back = (JudgedItem("item-1", "Why?"),)
    page = said(client.get("/evaluate/saved?item=item-1").text)

    assert "All items" in page
    assert "Next" not in page
    assert "your share" not in page


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
