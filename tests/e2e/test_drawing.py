"""The script that draws answers: growing by frames comes to the same page, and copies the text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from arena.domain.battle import BattleId, BattleState, BattleView, TurnView
from arena.web import battle
from arena.web.battle.columns import column, prompts
from arena.web.common.texts import load_texts
from tests.web.rendering.commonmark import answers

WORDS = load_texts().by_language["en"]
SCRIPT = (Path(battle.__file__).parents[1] / "static" / "columns.js").read_text(encoding="utf-8")
ANSWERS = {answer.id: answer.text for answer in answers()}
FRAMES = 6
PAGE = (
    "<div id='slots'><div id='slot-a'><div id='grown'></div></div>"
    "<div id='slot-b'><div id='whole'></div></div></div><div id='first-prompt'><div></div></div>"
)
DRAW = """([where, values]) => {
    const target = document.querySelector(where);
    const props = { value: values[0] };
    let redraw = () => {};
    const draw = where.includes("prompt") ? arenaPage.prompts : arenaPage.answers;
    draw(target, props, (_, callback) => { redraw = callback; });
    for (const value of values) { props.value = value; redraw(); }
    return target.innerHTML;
}"""

COPY = f"""async ([where, first, second]) => {{
    const draw = {DRAW};
    draw([where, [first]]);
    const button = document.querySelector(where).querySelector(".copy:last-child");
    await button.copy();
    const told = button.className;
    draw([where, [second]]);
    return [told, button.className, button.ariaLabel];
}}"""


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """A page with nothing but the script and two columns."""
    page = browser.new_page()
    page.set_content(PAGE)
    page.add_script_tag(content=SCRIPT)
    yield page
    page.close()


def value(text: str, state: BattleState) -> dict[str, Any]:
    """A column with one answer, as the server sends it."""
    view = BattleView(BattleId("b"), state, 2, (TurnView("?", (text, text)),), truncated=False)
    sent: dict[str, Any] = json.loads(json.dumps(column(WORDS, view, 0)))
    return sent


def frames(text: str) -> list[dict[str, Any]]:
    """What comes while an answer grows, and at last the whole of it."""
    cuts = [len(text) * number // FRAMES for number in range(FRAMES + 1)]
    growing = [value(text[:cut], BattleState.GENERATING) for cut in cuts]
    return [*growing, value(text, BattleState.COMPLETE)]


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_grew_looks_like_one_that_came_at_once(blank: Page, name: str) -> None:
    text = ANSWERS[name]
    grown = blank.evaluate(DRAW, ["#grown", frames(text)])
    whole = blank.evaluate(DRAW, ["#whole", [value(text, BattleState.COMPLETE)]])
    assert grown == whole


@pytest.mark.parametrize("name", ANSWERS)
def test_the_copy_button_gives_the_text_of_the_model(blank: Page, name: str) -> None:
    text = ANSWERS[name]
    blank.evaluate(
        "navigator.__defineGetter__('clipboard',"
        " () => ({ writeText: async (text) => { window.copied = [...text].map("
        "(one) => one.codePointAt(0)); } }))"
    )
    blank.evaluate(DRAW, ["#whole", [value(text, BattleState.COMPLETE)]])
    blank.locator("#whole .answer > .copy").dispatch_event("click")
    assert "".join(map(chr, blank.evaluate("window.copied"))) == text


def test_a_block_that_did_not_change_keeps_its_nodes_and_what_is_scrolled_in_it(
    blank: Page,
) -> None:
    text = "One.\n\n```\n" + "x" * 500 + "\n```\n\nTwo"
    blank.evaluate(DRAW, ["#grown", [value(text, BattleState.GENERATING)]])
    blank.evaluate("window.kept = document.querySelector('#grown pre')")

    blank.evaluate(DRAW, ["#grown", [value(text + " three", BattleState.GENERATING)]])
    assert blank.evaluate("window.kept === document.querySelector('#grown pre')")
    expect(blank.locator("#grown .answer-block").last).to_have_text("Two three")


def test_an_answer_of_an_earlier_battle_leaves_nothing_behind(blank: Page) -> None:
    blank.evaluate(DRAW, ["#grown", [value("# One\n\n| a |\n|---|\n| b |", BattleState.COMPLETE)]])
    after = blank.evaluate(DRAW, ["#grown", [value("Two", BattleState.COMPLETE)]])
    fresh = blank.evaluate(DRAW, ["#whole", [value("Two", BattleState.COMPLETE)]])
    assert after == fresh


def test_what_was_copied_says_so_no_longer_where_something_else_stands(blank: Page) -> None:
    answers_ = [value(text, BattleState.COMPLETE) for text in ("Copied here", "Another")]
    prompts_ = [prompts(WORDS, [text]) for text in ("Copied here", "Another")]
    assert blank.evaluate(COPY, ["#whole", *answers_]) == ["copy done", "copy", "Copy answer A"]
    assert blank.evaluate(COPY, ["#first-prompt > div", *prompts_]) == [
        "copy done",
        "copy",
        "Copy the prompt",
    ]


def test_prompts_are_drawn_as_they_were_typed(blank: Page) -> None:
    typed = "  indented\n__init__ # x\n<b>&lt;"
    sent = json.loads(json.dumps(prompts(WORDS, [typed])))
    blank.evaluate(DRAW, ["#first-prompt > div", [sent]])
    assert blank.locator(".prompt-text").evaluate("element => element.textContent") == typed
