"""An arena with the operator's words: its name everywhere, and models that are never named."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tab
from tests.e2e.driver import HttpAnnotator
from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.sentinels import leaks
from tests.e2e.serving import ServedArena

WORDS = """\
title: {en: Plover lab, zh: 鸻鸟实验室}
welcome: {en: "Hello **plover** <lab>", zh: "你好"}
guidelines: "1. Read *both* answers."
contact: ada@example.org
categories: {law: {en: Law, zh: 法律}}
reveal: never
"""
SECRETS = ("zq-vermilion-70b", "xv-heliotrope-7b", "Vermilion Quetzal", "Heliotrope Axolotl")


@pytest.fixture(scope="module")
def lab(serve: Callable[..., ServedArena], tmp_path_factory: pytest.TempPathFactory) -> ServedArena:
    words: Path = tmp_path_factory.mktemp("words") / "arena.yaml"
    words.write_text(WORDS, encoding="utf-8")
    key_a, key_b, name_a, name_b = SECRETS
    models = {key_a: scripted_model(name_a, "Yes."), key_b: scripted_model(name_b, "No.")}
    return serve(
        "lab",
        catalog(**models),
        ARENA_CONFIG=str(words),
        ARENA_LEADERBOARD_VISIBLE="admins",
    )


@pytest.mark.parametrize("path", ["/", "/leaderboard", "/login", "/admin/", "/nothing-here"])
@pytest.mark.parametrize(("language", "title"), [("en", "Plover lab"), ("zh", "鸻鸟实验室")])
def test_every_page_bears_the_title_in_the_language_of_its_reader(
    lab: ServedArena, path: str, language: str, title: str
) -> None:
    headers = {"accept": "text/html", "accept-language": language}
    with httpx.Client(base_url=lab.address, headers=headers, follow_redirects=True) as reader:
        assert title in reader.get(path).text


def test_welcome_guidelines_and_contact_stand_on_the_empty_page(lab: ServedArena) -> None:
    with HttpAnnotator(lab.address) as annotator:
        welcome = annotator.load().outputs["welcome"]
    assert "Hello <strong>plover</strong> &lt;lab&gt;" in welcome
    assert "Read <em>both</em> answers." in welcome
    assert '<a href="mailto:ada@example.org">ada@example.org</a>' in welcome


def test_a_vote_is_stored_and_no_answer_names_a_model(lab: ServedArena) -> None:
    with HttpAnnotator(lab.address) as annotator:
        begun = annotator.fire("send", prompt="Is that lawful?", category="law")
        voted = annotator.fire("vote-a-better", recognised=False)
        assert voted.succeeded
        assert not voted.revealed
        assert "Saved: A is better." in voted.text("view")
        reloaded = annotator.load()
        received = [str(begun), str(voted), str(reloaded)]
        received += [annotator.http.get(path).text for path in ("/", "/config", "/leaderboard")]
    assert leaks("\n".join(received).encode(), SECRETS) == []
    assert lab.rows("SELECT state, category, revealed_at FROM battles") == [("voted", "law", None)]
    assert lab.rows("SELECT verdict FROM votes") == [("a_better",)]


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "title"), [("en-GB", "Plover lab"), ("zh-CN", "鸻鸟实验室")])
def test_the_tab_has_the_title_in_the_language_of_the_browser(
    lab: ServedArena, open_tab: Tab, locale: str, title: str
) -> None:
    tab = open_tab(lab, locale=locale).open()
    expect(tab.page).to_have_title(title)
    expect(tab.page.locator("#header .brand")).to_have_text(title)
