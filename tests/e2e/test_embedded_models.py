"""The product as it comes: the shipped catalog, the trained models, the real engine."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import BattleTab
from tests.e2e.conftest import Tab
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena
from tests.fakes.real_models import RealModel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SHIPPED = Path(__file__).parents[2] / "models.yaml"
"""Under `make endurance` SmolLM2 answers under the names of the demo models as well."""
NAMES = {"Arena Demo Large", "Arena Demo Small"}
PARAGRAPH = (
    "Summarize in one sentence: The cat sat on the warm roof of the old house and watched the "
    "birds in the garden. In the evening it came down, drank some milk and slept until morning."
)


@pytest.fixture(scope="module")
def starting(
    tmp_path_factory: pytest.TempPathFactory,
    browser: Browser,  # is there first: the models need only seconds
    real_model: RealModel,
) -> Iterator[ServedArena]:
    """The shipped catalog, as soon as the page answers."""
    catalog = real_model.rows(SHIPPED.read_text(encoding="utf-8"))
    served = ServedArena(tmp_path_factory.mktemp("shipped"), catalog)
    served.launch()
    try:
        served.await_answer("/healthz")
        yield served
    finally:
        served.stop()


@pytest.fixture(scope="module")
def arena(starting: ServedArena) -> ServedArena:
    """With its models."""
    starting.await_answer("/readyz")
    return starting


def answers(tab: BattleTab) -> list[str]:
    """The newest answer of each slot, as shown."""
    return [tab.element(f"slot-{slot}").locator(".answer-body").last.inner_text() for slot in "ab"]


def command(arena: ServedArena, *arguments: str) -> str:
    """What an `arena` command prints about the served database."""
    done = subprocess.run(
        [sys.executable, "-m", "arena", *arguments],
        env=os.environ | {"ARENA_DATABASE_URL": f"sqlite:///{arena.database}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def downloaded_votes(arena: ServedArena) -> list[dict[str, str]]:
    """The votes as an admin downloads them."""
    with httpx.Client(base_url=arena.address, follow_redirects=True, trust_env=False) as admin:
        admin.post("/login", data={"name": "admin", "password": ADMIN_PASSWORD})
        answer = admin.get("/admin/exports/votes.csv")
    answer.raise_for_status()
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_page_answers_before_the_models_have_loaded_and_says_so(
    starting: ServedArena, open_tab: Tab
) -> None:
    """The first of this file: afterwards they have."""
    tab = open_tab(starting).open()
    expect(tab.element("status")).to_contain_text("models are loading")
    tab.send("What is 12 + 30?")
    expect(tab.element("refusal")).to_contain_text("still loading")
    expect(tab.prompt).to_have_value("What is 12 + 30?")

    starting.await_answer("/readyz")
    tab.element("send").click()
    tab.expect_complete()


def test_a_whole_battle_ends_in_the_csv_and_on_the_leaderboard(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete("Write a haiku about the moon.")
    assert all(len(answer) > 10 for answer in answers(tab))
    tab.complete("What is 12 + 30?")
    assert all(answers(tab))

    tab.leave_fields()
    tab.page.keyboard.press("1")

    tab.expect_revealed()
    shown = {tab.element(f"reveal-{slot}").locator("h2").inner_text() for slot in "ab"}
    assert all(any(name in card for card in shown) for name in NAMES)
    winner = (
        "arena-demo-a" if "Demo Large" in tab.element("reveal-a").inner_text() else "arena-demo-b"
    )
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".welcome")).to_be_visible()

    (vote,) = downloaded_votes(arena)
    assert (vote["verdict"], vote["winner"], vote["turns"]) == ("a_better", winner, "2")
    assert list(csv.DictReader(io.StringIO(command(arena, "export", "votes")))) == [vote]
    board: dict[str, Any] = json.loads(command(arena, "leaderboard", "--json"))
    rates = {(pair["model"], pair["opponent"]): pair for pair in board["pairs"]}
    loser = ({"arena-demo-a", "arena-demo-b"} - {winner}).pop()
    assert rates[winner, loser]["wins"] == 1
    assert rates[winner, loser]["rate"] == 1.0
    tab.page.goto(f"{arena.address}/leaderboard")
    expect(tab.page.locator("#leaderboard-board")).to_contain_text("Arena Demo Large")


def test_a_chinese_prompt_gets_whole_chinese_characters(
    arena: ServedArena, open_tab: Tab, real_model: RealModel
) -> None:
    if not real_model.is_demo:
        pytest.skip(f"{real_model.name} was taught English alone")
    tab = open_tab(arena, locale="zh-CN").open()

    tab.complete("写一首关于春天的诗。")

    for answer in answers(tab):
        assert "\ufffd" not in answer
        assert any("\u4e00" <= character <= "\u9fff" for character in answer)
    expect(tab.element("first-prompt")).to_contain_text("写一首关于春天的诗。")


def test_a_pasted_text_of_3000_words_is_refused_and_kept(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    pasted = "word " * 3000

    tab.send(pasted)

    refusal = tab.element("refusal")
    expect(refusal).to_contain_text("15,000")
    expect(refusal).to_contain_text("2,304")
    expect(tab.prompt).to_have_value(pasted)


def test_a_paragraph_and_a_third_turn_fit(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.complete(PARAGRAPH)
    tab.complete("What is 12 + 30?")
    tab.complete("Write a haiku about the sea.")

    expect(tab.element("follow-ups").locator(".prompt-bar")).to_have_count(2)
    assert all(len(answer) > 10 for answer in answers(tab))


def test_every_reply_has_its_provenance(
    arena: ServedArena, open_tab: Tab, real_model: RealModel
) -> None:
    tab = open_tab(arena).open()
    tab.complete("What is 7 + 8?")

    replies = arena.rows(
        "SELECT rendered_prompt, prompt_tokens, reply_tokens, finish_reason, first_token_s,"
        " total_s, fingerprint FROM replies JOIN models ON models.id = model_id"
        " ORDER BY replies.id DESC"
        " LIMIT 2"
    )
    for rendered, prompt_tokens, reply_tokens, finish, first, total, fingerprint in replies:
        asked, reply = rendered.split(real_model.turn.format("What is 7 + 8?"))
        assert (asked == "<|bos|>") == real_model.is_demo
        assert reply.strip() == real_model.reply_begins
        assert prompt_tokens > 5
        assert reply_tokens > 0
        assert finish == "stop"
        assert 0 < first <= total
        assert len(fingerprint) == 16
