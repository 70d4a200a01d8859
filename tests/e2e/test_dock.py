"""The dock of the battle page: where controls stand, what takes the focus, which keys vote."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Request, expect

from arena.web.common.texts import load_texts
from tests.e2e.bestiary import LENGTHY, PROMPT_LIMIT, QUICK, SLOW
from tests.e2e.browsing import VOTES, BattleTab, box_of
from tests.e2e.conftest import Tab
from tests.e2e.race import QUICK as RACE
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

WORDS = load_texts().by_language["en"]
SIZES = ((1440, 900), (1024, 768), (390, 844))
CONTROLS = ("stop", "retry", "continue", "vote-earlier", "undo", "send", "new-battle", *VOTES)
Box = tuple[float, float, float, float]
USABLE = """() => [...document.querySelectorAll("#dock *, #reasons *")]
    .filter((one) => one.matches("button, input, textarea"))
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled)
    .map((one) => {
        const { left, top, right, bottom } = (one.closest("label") ?? one).getBoundingClientRect();
        return [one.dataset.showSlot ?? one.closest("[id]").id, left, top, right, bottom];
    })"""
"""Id, left, top, right and bottom of everything that can be used at the bottom of the window."""
TAB_STOPS = """() => [...document.querySelectorAll("*")]
    .filter((one) => one.tabIndex >= 0 && !one.disabled
        && one.checkVisibility({ visibilityProperty: true }))
    .map((one) => one.closest("[id]").id)"""
LOOKS = """(one) => {
    const parts = [one, one.closest("label")].filter(Boolean).map((part) => {
        const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(part);
        return outlineStyle === "none" ? [boxShadow, borderColor] : [outlineWidth, outlineStyle];
    });
    return JSON.stringify(parts);
}"""
TELL_FOCUS = f"""() => {{
    const looks = {LOOKS};
    window.unfocused = new Map([...document.querySelectorAll("a, button, input, textarea, summary")]
        .filter((one) => one !== document.activeElement).map((one) => [one, looks(one)]));
    return window.unfocused.size;
}}"""
"""Remember how everything looks without the focus."""
SHOWS_FOCUS = f"""() => {{
    const one = document.activeElement;
    const before = window.unfocused.get(one);
    window.unfocused.delete(one);
    return before && [one.closest("[id]").id, before !== ({LOOKS})(one)];
}}"""
"""What has the focus, and whether it looks otherwise than before; null for the second time."""
PRESS = "init => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', init))"
FOCUSED = "() => document.activeElement.closest('[id]')?.id ?? document.activeElement.tagName"


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


def overlaps(one: Box, other: Box) -> bool:
    return (
        min(one[2], other[2]) > max(one[0], other[0]) + 1
        and min(one[3], other[3]) > max(one[1], other[1]) + 1
    )


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
def test_a_prompt_of_many_lines_scrolls_in_its_box_and_moves_and_covers_nothing(
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
        tab.prompt.fill(lines)
        assert box_of(tab.prompt) == empty
        assert tab.prompt.evaluate("box => box.scrollHeight > box.clientHeight")
        assert (box_of(tab.element("dock")), controls(tab)) == (dock, places)
        tab.prompt.fill("")
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


@contextmanager
def nothing_can_be_stored(arena: ServedArena) -> Iterator[None]:
    """Make the database refuse every reply."""
    with closing(sqlite3.connect(arena.database)) as other, other:
        other.execute(
            "CREATE TRIGGER no BEFORE INSERT ON replies BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    try:
        yield
    finally:
        with closing(sqlite3.connect(arena.database)) as other, other:
            other.execute("DROP TRIGGER no")


def test_a_prompt_that_came_to_nothing_is_put_back_unless_something_stands_there(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    leave = tab.element("new-battle")
    tab.complete(QUICK)
    expect(leave).to_have_text(WORDS["battle.skip"])
    with nothing_can_be_stored(arena):
        tab.send(SLOW)
        tab.expect_generating()
        tab.prompt.fill("half a thought")
        expect(tab.element("view")).to_contain_text(WORDS["notice.void"])
        expect(leave).to_have_text(WORDS["battle.new"])
        expect(tab.prompt).to_have_value("half a thought")
        tab.send(SLOW)
        tab.expect_generating()
        expect(leave).to_have_text(WORDS["battle.skip"])
        expect(tab.prompt).to_have_value("")
        expect(tab.element("view")).to_contain_text(WORDS["notice.void"])
        expect(tab.prompt).to_have_value(SLOW)

    tab.element("retry").click()
    tab.expect_generating()
    expect(tab.prompt).to_have_value("")
    tab.expect_complete()
    expect(tab.prompt).to_have_attribute("placeholder", WORDS["battle.prompt_next"])
    tab.element("new-battle").click()


def test_what_stands_in_the_box_stays_when_a_cut_answer_is_continued(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(LENGTHY)
    tab.prompt.fill("half a thought")
    tab.element("continue").click()
    expect(tab.element("view")).not_to_contain_text("length limit")
    tab.expect_complete()
    expect(tab.prompt).to_have_value("half a thought")
    tab.element("new-battle").click()


def test_a_turn_takes_two_events_of_the_server(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.page.wait_for_load_state("networkidle")
    asked: list[Request] = []
    tab.page.on("request", lambda one: asked.append(one) if "/queue/join" in one.url else None)
    tab.complete(QUICK)
    tab.page.wait_for_load_state("networkidle")
    assert len(asked) == 2, "one begins the turn, one follows it"
    tab.element("new-battle").click()


def test_a_refusal_goes_with_the_state_it_belongs_to(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.send(SLOW)
    tab.expect_generating()
    tab.send("And then?")
    expect(tab.element("refusal")).to_contain_text(WORDS["error.still_generating"])
    tab.expect_complete()
    expect(tab.element("refusal")).to_be_hidden()
    expect(tab.element("view")).to_be_visible()

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
    tab.element("new-battle").click()


class Places:
    """Where the controls of the dock have stood so far, at each of the sizes."""

    def __init__(self, tab: BattleTab) -> None:
        self._tab = tab
        self._seen: dict[tuple[int, int], dict[str, list[Box]]] = {size: {} for size in SIZES}
        self.docks: dict[tuple[int, int], set[float]] = {size: set() for size in SIZES}
        self.clashes: list[str] = []

    def look(self, state: str) -> None:
        """Note what can be used in this state, and what stands where something else has stood."""
        for width, height in SIZES:
            self._tab.page.set_viewport_size({"width": width, "height": height})
            self.docks[width, height].add(round(box_of(self._tab.element("dock"))["height"]))
            seen = self._seen[width, height]
            usable = [(name, tuple(box)) for name, *box in self._tab.page.evaluate(USABLE)]
            for name, box in usable:
                self.clashes += [
                    f"{name} of {state} and {other} at {width} pixels"
                    for other, places in seen.items()
                    if other != name and any(overlaps(box, one) for one in places)
                ]
            for name, box in usable:
                seen.setdefault(name, []).append(box)

    @property
    def names(self) -> set[str]:
        """Everything that was seen at all sizes."""
        return set.intersection(*(set(seen) for seen in self._seen.values()))


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


def test_send_and_skip_follow_the_box_and_nothing_follows_them(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    assert tab.page.evaluate(TAB_STOPS)[-2:] == ["prompt", "send"]
    tab.complete(QUICK)
    assert tab.page.evaluate(TAB_STOPS)[-3:] == ["prompt", "send", "new-battle"]
    tab.prompt.focus()
    for following in ("send", "new-battle"):
        tab.page.keyboard.press("Tab")
        expect(tab.element(following)).to_be_focused()
    tab.element("new-battle").click()
    expect(tab.element("undo")).to_be_visible()
    assert tab.page.evaluate(TAB_STOPS)[-2:] == ["prompt", "send"]


@pytest.mark.parametrize(
    ("size", "scheme"), [(SIZES[0], "light"), (SIZES[0], "dark"), (SIZES[2], "light")]
)
def test_whatever_has_the_focus_by_keyboard_shows_it(
    uneven: ServedArena, open_tab: Tab, size: tuple[int, int], scheme: str
) -> None:
    tab = open_tab(
        uneven, viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    ).open()
    tab.complete(RACE)
    tab.element("vote-tie").click()
    expect(tab.element("reasons")).to_be_visible()
    tab.page.wait_for_function(f"({FOCUSED})().startsWith('reasons')")
    assert tab.page.evaluate(TELL_FOCUS) > 0
    tab.page.keyboard.press("Tab")
    found = []
    while shown := tab.page.evaluate(SHOWS_FOCUS):
        found.append(shown)
        tab.page.keyboard.press("Tab")
    assert [name for name, seen in found if not seen] == []
    assert {"send", "new-battle", "vote-submit", "prompt", "recognised"} <= {
        one for one, _ in found
    }
    tab.element("new-battle").click()


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


def test_the_focus_follows_the_work_and_never_falls_to_the_body(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()

    def focused() -> Any:
        return tab.page.evaluate(FOCUSED)

    tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")
    tab.page.locator("#examples button").first.click()
    tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")
    tab.prompt.fill(SLOW)
    tab.prompt.press("Enter")
    tab.expect_generating()
    tab.page.wait_for_function(f"({FOCUSED})() === 'arena'")
    tab.element("stop").click()
    expect(tab.element("retry")).to_be_visible()
    tab.page.wait_for_function(f"({FOCUSED})() === 'arena'")
    tab.element("retry").focus()
    tab.page.keyboard.press("Enter")
    tab.expect_generating()
    assert focused() != "BODY"
    tab.expect_complete()
    tab.page.keyboard.press("4")
    tab.expect_revealed()
    tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")
    tab.page.keyboard.press("Enter")
    expect(tab.element("welcome")).to_be_visible()
    tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")


def test_ten_battles_by_keyboard_take_two_keys_each_besides_the_prompt(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    before = arena.value("SELECT count(*) FROM votes")
    tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")
    for number in range(10):
        tab.page.keyboard.insert_text(QUICK)
        for line in range(number % 3):
            tab.page.keyboard.press("Shift+Enter")
            tab.page.keyboard.insert_text(f"line {line}")
        tab.page.keyboard.press("Enter")
        tab.expect_complete()
        expect(tab.element("arena")).to_be_focused()
        tab.page.keyboard.press("1234"[number % 4])
        tab.expect_revealed()
        tab.page.wait_for_function(f"({FOCUSED})() === 'prompt'")
    assert arena.value("SELECT count(*) FROM votes") == before + 10


KEYS_THAT_VOTE: dict[str, tuple[dict[str, str], str]] = {
    "a digit": ({"key": "2", "code": "Digit2"}, "tie"),
    "a French digit key": ({"key": "é", "code": "Digit2"}, "tie"),
    "a full-width digit": ({"key": "４", "code": "Unidentified"}, "b_better"),
    "a key of the number pad": ({"key": "3", "code": "Numpad3"}, "both_bad"),
}


@pytest.mark.parametrize("kind", KEYS_THAT_VOTE)
def test_keys_vote_on_every_keyboard(arena: ServedArena, open_tab: Tab, kind: str) -> None:
    init, verdict = KEYS_THAT_VOTE[kind]
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.leave_fields()
    tab.page.evaluate(PRESS, {**init, "bubbles": True})
    tab.expect_revealed()
    assert arena.rows("SELECT verdict FROM votes ORDER BY id DESC LIMIT 1") == [(verdict,)]


def test_keys_of_an_input_method_are_its_own(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.send(SLOW)
    tab.expect_generating()
    composing = {"isComposing": True, "bubbles": True, "cancelable": True}
    tab.page.evaluate(PRESS, {"key": "Escape", "code": "Escape", **composing})
    tab.expect_complete()
    tab.page.evaluate(PRESS, {"key": "1", "code": "Digit1", **composing})
    tab.prompt.fill("你好")
    tab.prompt.focus()
    tab.page.evaluate(PRESS, {"key": "Enter", "code": "Enter", **composing})
    expect(tab.prompt).to_have_value("你好")
    tab.expect_complete()
    tab.element("new-battle").click()


def test_arrows_move_between_the_votes_and_vote_nothing(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.page.wait_for_function(f"({FOCUSED})() === 'arena'")
    for expected in ("vote-a-better", "vote-tie", "vote-both-bad", "vote-b-better"):
        tab.page.keyboard.press("ArrowRight")
        expect(tab.element(expected)).to_be_focused()
    tab.page.keyboard.press("ArrowLeft")
    tab.expect_complete()
    tab.page.keyboard.press("Enter")
    tab.expect_revealed()
    assert arena.rows("SELECT verdict FROM votes ORDER BY id DESC LIMIT 1") == [("both_bad",)]


def test_skipping_can_be_undone_until_the_next_prompt(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    answer = tab.element("slot-a").locator(".answer-body").inner_text()
    tab.element("new-battle").click()
    expect(tab.element("view")).to_contain_text("Skipped.")
    expect(tab.element("arena")).to_be_hidden()

    tab.element("undo").click()
    tab.expect_complete()
    expect(tab.element("slot-a").locator(".answer-body")).to_have_text(answer)

    tab.element("new-battle").click()
    expect(tab.element("undo")).to_be_visible()
    tab.complete(QUICK)
    states = arena.rows("SELECT state FROM battles ORDER BY created_at DESC LIMIT 2")
    assert states == [("complete",), ("abandoned",)]
    tab.element("vote-tie").click()
    tab.expect_revealed()


def test_a_stopped_second_turn_can_be_left_out_of_the_vote(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.send(SLOW)
    tab.expect_generating()
    tab.element("stop").click()
    expect(tab.element("view")).to_contain_text("vote on the complete turns")

    tab.element("vote-earlier").click()
    tab.expect_complete()
    expect(tab.element("follow-ups").locator(".prompt-bar")).to_have_count(0)
    tab.element("vote-tie").click()
    tab.expect_revealed()


def follow_ups(tab: BattleTab) -> list[str]:
    return tab.element("follow-ups").locator(".prompt-text").all_inner_texts()


def stopped_in_its_second_turn(arena: ServedArena, open_tab: Tab) -> BattleTab:
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.send(SLOW)
    tab.expect_generating()
    tab.element("stop").click()
    expect(tab.element("vote-earlier")).to_be_visible()
    return tab


def test_a_prompt_takes_the_place_of_a_stopped_later_turn(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = stopped_in_its_second_turn(arena, open_tab)
    expect(tab.prompt).to_have_attribute("placeholder", WORDS["battle.prompt_instead"])
    battles = arena.value("SELECT count(*) FROM battles")
    tab.complete("And shorter?")

    assert follow_ups(tab) == ["And shorter?"]
    assert arena.value("SELECT count(*) FROM battles") == battles
    tab.element("vote-tie").click()
    tab.expect_revealed()


def test_a_prompt_that_is_refused_leaves_the_stopped_turn_and_stays_in_the_box(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = stopped_in_its_second_turn(arena, open_tab)
    pasted = "x" * (PROMPT_LIMIT + 1)
    tab.send(pasted)
    expect(tab.element("refusal")).to_contain_text("Please shorten it")
    expect(tab.prompt).to_have_value(pasted)
    expect(tab.element("retry")).to_be_visible()
    assert follow_ups(tab) == [SLOW]
    tab.element("retry").click()
    tab.expect_generating()
    expect(tab.prompt).to_have_value(pasted)
    tab.expect_complete()
    tab.element("new-battle").click()


def test_a_prompt_that_the_conversation_has_no_room_for_stays_in_the_box(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = stopped_in_its_second_turn(arena, open_tab)
    pasted = "x" * (PROMPT_LIMIT - 1)
    tab.send(pasted)
    expect(tab.element("refusal")).to_contain_text("the conversation would be too long")
    expect(tab.prompt).to_have_value(pasted)
    tab.expect_complete()
    assert follow_ups(tab) == []
    tab.element("vote-tie").click()
    tab.expect_revealed()
    expect(tab.prompt).to_have_value(pasted)


def test_what_stands_in_the_box_stays_when_a_stopped_turn_is_left_out(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = stopped_in_its_second_turn(arena, open_tab)
    tab.prompt.fill("half a thought")
    tab.element("vote-earlier").click()
    tab.expect_complete()
    expect(tab.prompt).to_have_value("half a thought")
    tab.element("new-battle").click()


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


def test_with_reasons_the_chosen_side_comes_first_and_enter_submits(
    uneven: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(uneven).open()
    tab.complete(RACE)
    tab.page.keyboard.press("4")
    expect(tab.element("reasons")).to_be_visible()
    assert box_of(tab.element("reasons-b"))["x"] < box_of(tab.element("reasons-a"))["x"]
    tab.page.wait_for_function(f"({FOCUSED})() === 'reasons-b'")
    tab.page.keyboard.press("Space")
    tab.page.keyboard.press("Enter")
    tab.expect_revealed()
    newest = uneven.value("SELECT max(id) FROM votes")
    assert uneven.rows("SELECT position FROM vote_reasons WHERE vote_id = ?", newest) == [(1,)]


def test_the_question_mark_lists_the_keys(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.leave_fields()
    tab.page.keyboard.press("?")
    expect(tab.element("keys-dialog")).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(tab.element("keys-dialog")).to_be_hidden()
