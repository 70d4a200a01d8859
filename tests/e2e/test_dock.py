"""The dock of the battle page: where its controls stand, and what it says."""

import pytest
from playwright.sync_api import expect

from arena.web.common.texts import load_texts
from tests.e2e.bestiary import LENGTHY, QUICK, SLOW
from tests.e2e.browsing import VOTES, BattleTab, box_of
from tests.e2e.conftest import Tab
from tests.e2e.dock_places import FOCUSED, SIZES, Box, Places, nothing_can_be_stored
from tests.e2e.race import QUICK as RACE
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

WORDS = load_texts().by_language["en"]
SHOWS_ALL = """() => {
    const box = document.querySelector("#prompt textarea");
    return box.offsetHeight > 80 && box.scrollHeight <= box.clientHeight + 3;
}"""
CONTROLS = ("stop", "retry", "continue", "vote-earlier", "undo", "send", "new-battle", *VOTES)


def sized(open_tab: Tab, arena: ServedArena, size: tuple[int, int]) -> BattleTab:
    tab = open_tab(arena, viewport={"width": size[0], "height": size[1]})
    return tab.open()


def controls(tab: BattleTab) -> dict[str, Box]:
    """Where each control stands that can be used now: left, top, right, bottom."""
    found = {}
    for name in CONTROLS:
        element = tab.element(name)
        if element.is_visible() and element.is_enabled():
            box = box_of(element)
            right, bottom = box["x"] + box["width"], box["y"] + box["height"]
            found[name] = (box["x"], box["y"], right, bottom)
    return found


@pytest.mark.parametrize("size", SIZES)
def test_the_dock_takes_a_quarter_of_the_window_at_most_and_never_moves(
    arena: ServedArena, open_tab: Tab, size: tuple[int, int]
) -> None:
    tab = sized(open_tab, arena, size)
    tab.send(SLOW)
    tab.expect_generating()
    generating = box_of(tab.element("dock"))
    tab.expect_complete()
    complete = box_of(tab.element("dock"))
    tab.element("vote-tie").click()
    tab.expect_revealed()
    voted = box_of(tab.element("dock"))

    assert generating == complete == voted
    assert complete["height"] <= 0.25 * size[1]
    assert complete["y"] + complete["height"] == pytest.approx(size[1], abs=1)


@pytest.mark.parametrize("size", SIZES)
def test_the_box_grows_with_its_text_below_the_status_and_moves_nothing(
    arena: ServedArena, open_tab: Tab, size: tuple[int, int]
) -> None:
    tab = sized(open_tab, arena, size)
    lines = "line\n" * 14
    tab.prompt.fill(lines)
    first = box_of(tab.prompt)
    assert 100 < first["height"] <= 0.25 * size[1]
    assert first["y"] + first["height"] <= size[1]
    tab.prompt.fill("")
    tab.complete(QUICK)
    for vote in (False, True):
        tab.page.wait_for_function(f"({FOCUSED})() === '{'prompt' if vote else 'arena'}'")
        dock, places = box_of(tab.element("dock")), controls(tab)
        empty = box_of(tab.prompt)
        tab.prompt.fill("\n".join(["line"] * (3 if size[1] == 768 else 4)))
        tab.page.wait_for_function(SHOWS_ALL)
        tab.prompt.fill(lines)
        full = box_of(tab.prompt)
        status = box_of(tab.element("view"))
        assert full["y"] >= status["y"] + status["height"] - 1
        assert full["y"] + full["height"] == pytest.approx(empty["y"] + empty["height"], abs=1)
        assert tab.prompt.evaluate("box => box.scrollHeight > box.clientHeight")
        assert (box_of(tab.element("dock")), controls(tab)) == (dock, places)
        votes = tab.element("vote-buttons")
        expect(votes).to_have_css("opacity", "0")
        tab.leave_fields()
        assert box_of(tab.prompt) == empty
        expect(votes).to_have_css("opacity", "1")
        tab.prompt.fill("")
        assert box_of(tab.prompt) == empty
        if not vote:
            tab.element("vote-tie").click()
            tab.expect_revealed()


@pytest.mark.parametrize("size", SIZES)
def test_a_later_turn_begins_below_the_headings(
    arena: ServedArena, open_tab: Tab, size: tuple[int, int]
) -> None:
    tab = sized(open_tab, arena, size)
    tab.complete(SLOW)
    tab.complete(QUICK)
    headings = box_of(tab.element("headings"))
    bar = box_of(tab.element("follow-ups").locator(".prompt-bar"))
    assert 0 <= bar["y"] - (headings["y"] + headings["height"]) <= 20
    tab.element("new-battle").click()


def test_who_comes_back_to_a_battle_sees_its_last_turn(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.complete(SLOW)
    tab.complete(SLOW)
    last = tab.element("follow-ups").locator(".prompt-bar").last
    y = box_of(last)["y"]
    for come_back in ("undo", "reload"):
        if come_back == "undo":
            tab.element("new-battle").click()
            tab.element("undo").click()
        else:
            tab.reload()
        tab.expect_complete()
        tab.page.wait_for_function(_STANDS_AT, arg=y)
    tab.element("new-battle").click()


_STANDS_AT = """(y) => {
    const last = [...document.querySelectorAll("#follow-ups .prompt-bar")].at(-1);
    return Math.abs(last?.getBoundingClientRect().y - y) < 2;
}"""


def test_a_refusal_goes_with_the_state_it_belongs_to(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.send(SLOW)
    tab.expect_generating()
    tab.send("And then?")
    expect(tab.element("refusal")).to_contain_text(WORDS["error.still_generating"])
    tab.expect_complete()
    expect(tab.element("refusal")).to_be_hidden()
    expect(tab.element("view")).to_be_visible()
    tab.prompt.press("Shift+Enter")
    expect(tab.element("refusal")).to_be_hidden()

    tab.prompt.fill("")
    tab.element("send").click()
    expect(tab.element("refusal")).to_contain_text(WORDS["error.empty_prompt"])
    expect(tab.element("refusal")).to_be_visible()
    tab.element("new-battle").click()


@pytest.mark.parametrize("size", SIZES)
def test_with_reasons_open_the_dock_stays_and_covers_no_end_of_an_answer(
    uneven: ServedArena, open_tab: Tab, size: tuple[int, int]
) -> None:
    tab = sized(open_tab, uneven, size)
    tab.complete(RACE)
    before = box_of(tab.element("dock"))
    tab.element("vote-b-better").click()
    expect(tab.element("reasons")).to_be_visible()

    assert box_of(tab.element("dock")) == before
    assert before["height"] <= 0.25 * size[1]
    panel = box_of(tab.element("reasons"))
    assert panel["y"] + panel["height"] == pytest.approx(before["y"], abs=1)
    tab.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    answer = box_of(tab.page.locator(".answer-block:visible").last)
    assert answer["y"] + answer["height"] <= box_of(tab.element("reasons"))["y"]
    for chip in tab.page.locator("#reason-chips label").all():
        box = box_of(chip)
        assert box["y"] + box["height"] <= box_of(tab.element("reason-comment"))["y"]
    tab.element("new-battle").click()


def test_no_control_appears_where_another_one_was(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    places = Places(tab)
    tab.send(SLOW)
    tab.expect_generating()
    places.look("generating")
    tab.element("stop").click()
    expect(tab.element("retry")).to_be_visible()
    places.look("a stopped first turn")
    tab.complete(LENGTHY)
    expect(tab.element("continue")).to_be_visible()
    places.look("a cut answer")
    tab.element("new-battle").click()
    expect(tab.element("undo")).to_be_visible()
    places.look("skipped")
    tab.complete(QUICK)
    places.look("complete")
    tab.send(SLOW)
    tab.expect_generating()
    tab.element("stop").click()
    expect(tab.element("vote-earlier")).to_be_visible()
    places.look("a stopped later turn")
    tab.element("vote-earlier").click()
    tab.expect_complete()
    tab.element("vote-tie").click()
    tab.expect_revealed()
    places.look("voted")
    with nothing_can_be_stored(arena):
        tab.send(QUICK)
        expect(tab.element("view")).to_contain_text(WORDS["notice.void"])
    places.look("void")

    assert places.clashes == []
    assert {*CONTROLS, "prompt", "recognised"} <= places.names
    for size, heights in places.docks.items():
        assert len(heights) == 1, size
        assert max(heights) <= 0.25 * size[1]


def test_with_reasons_no_control_appears_where_another_one_was(
    uneven: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(uneven).open()
    places = Places(tab)
    tab.complete(RACE)
    places.look("complete")
    tab.element("vote-b-better").click()
    expect(tab.element("reasons")).to_be_visible()
    places.look("reasons")
    tab.element("vote-submit").click()
    tab.expect_revealed()
    places.look("voted")
    assert places.clashes == []
    assert {"vote-submit", "comment"} <= places.names


@pytest.mark.parametrize("size", SIZES[:2])
def test_every_vote_button_stands_under_its_column(
    arena: ServedArena, open_tab: Tab, size: tuple[int, int]
) -> None:
    tab = sized(open_tab, arena, size)
    tab.complete(QUICK)
    columns = {slot: box_of(tab.element(f"slot-{slot}")) for slot in "ab"}
    left_to_right = sorted(VOTES, key=lambda vote: box_of(tab.element(vote))["x"])
    assert left_to_right == ["vote-a-better", "vote-tie", "vote-both-bad", "vote-b-better"]
    for vote, slot in zip(left_to_right, "aabb", strict=True):
        button, column = box_of(tab.element(vote)), columns[slot]
        assert button["x"] >= column["x"] - 0.5
        assert button["x"] + button["width"] <= column["x"] + column["width"] + 0.5
    tab.element("new-battle").click()


@pytest.mark.parametrize("size", SIZES)
def test_the_headings_stay_in_view_and_name_both_models_after_the_vote(
    arena: ServedArena, open_tab: Tab, size: tuple[int, int]
) -> None:
    tab = sized(open_tab, arena, size)
    tab.complete(SLOW)
    tab.complete(SLOW)
    tab.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    expect(tab.element("title-a")).to_be_in_viewport()
    last = tab.page.locator(".answer-block:visible").last
    before = box_of(last)["y"]

    tab.element("vote-a-better").click()
    tab.expect_revealed()

    for slot in "ab":
        expect(tab.element(f"reveal-{slot}").locator(".name")).to_be_in_viewport()
    assert box_of(last)["y"] == pytest.approx(before, abs=2), "what is being read stands still"


def test_a_cut_answer_says_plainly_what_a_vote_is_worth_and_continue_comes_first(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(LENGTHY)
    expect(tab.element("view")).to_contain_text(
        "An answer reached its length limit. Continue, or your vote will be stored but not counted."
    )
    colours = [
        tab.element(name).evaluate("element => getComputedStyle(element).backgroundColor")
        for name in ("continue", "send")
    ]
    assert colours[0] == colours[1], "Continue is the primary control"
    tab.element("new-battle").click()


def test_ticking_that_a_model_was_recognised_says_what_follows(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    note = tab.element("view").locator(".if-recognised")
    expect(note).to_be_hidden()
    tab.element("recognised").locator("input").check()
    expect(note).to_be_visible()
    expect(note).to_contain_text("leave this vote out")
    tab.element("new-battle").click()
