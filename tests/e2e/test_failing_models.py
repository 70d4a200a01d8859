"""A model that breaks in the middle of an answer: the same sentence for both sides."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tab
from tests.e2e.driver import HttpAnnotator
from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.serving import ServedArena

PROMPT = "Will both of you answer?"


@pytest.fixture(scope="module")
def fragile(serve: Callable[..., ServedArena]) -> ServedArena:
    """The second reply of one of the two models breaks after three words, and the fourth …"""
    breaking = {"tokens_per_second": 40.0, "fail_at_token": 3, "fail_every": 2}
    models = catalog(
        steady=scripted_model("Steady", "This model never breaks down.", script={}),
        brittle=scripted_model("Brittle", "This one does, now and then.", script=breaking),
    )
    return serve("fragile", models)


@pytest.mark.browser
def test_a_failure_voids_the_battle_for_both_sides_and_keeps_the_prompt_for_another_try(
    fragile: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(fragile).open()
    tab.complete(PROMPT)
    tab.element("new-battle").click()
    expect(tab.element("welcome")).to_be_visible()

    tab.send(PROMPT)

    expect(tab.element("view")).to_contain_text("this battle does not count")
    expect(tab.element("retry")).to_be_visible()
    tab.expect_no_votes()
    expect(tab.prompt).to_have_value(PROMPT)
    expect(tab.element("title-a")).to_have_text("AModel A")
    expect(tab.element("title-b")).to_have_text("BModel B")
    assert "rittle" not in tab.page.content()
    assert "BrokenReply" not in tab.page.content()
    assert "Brittle" in fragile.output or "brittle" in fragile.output

    tab.element("retry").click()
    tab.expect_complete()
    tab.element("vote-tie").click()
    tab.expect_revealed()

    states = fragile.rows("SELECT state FROM battles ORDER BY created_at")
    assert states == [("abandoned",), ("void",), ("voted",)]
    assert fragile.value("SELECT count(*) FROM votes") == 1


def test_what_was_written_after_a_failure_is_not_replaced_by_the_failed_prompt(
    fragile: ServedArena,
) -> None:
    with HttpAnnotator(fragile.address) as ada:
        ada.load()
        while "does not count" not in (void := ada.fire("send", prompt=PROMPT)).text("view"):
            ada.fire("new-battle")
        assert void.outputs["first-prompt"]["prompts"][0]["text"] == PROMPT

        refused = ada.fire("send", prompt="Is this too long? " * 1000)

        assert "Please shorten it" in refused.refusal
        assert "prompt" not in refused.outputs


def test_a_refusal_after_another_tab_left_the_battle_shows_the_empty_page_and_why(
    fragile: ServedArena,
) -> None:
    with HttpAnnotator(fragile.address) as ada:
        ada.load()
        ada.fire("send", prompt=PROMPT)
        with ada.another_tab() as other:
            other.load()
            other.fire("new-battle")
            other.fire("send", prompt=PROMPT)
            other.fire("new-battle")

        refused = ada.fire("send", prompt="Is this too long? " * 1000)

        assert "Please shorten it" in refused.refusal
        assert "data-state" in str(refused.outputs["view"])
