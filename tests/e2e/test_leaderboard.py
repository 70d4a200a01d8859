"""The leaderboard in a browser, over real votes: 59 models, 8,931 comparisons."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Download, Page, Route, expect

from tests.e2e.browsing import Complaints
from tests.e2e.conftest import Tab
from tests.e2e.crowds import crowd_in, open_board
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena

pytestmark = pytest.mark.browser

SUMMARY = "Counted 8,931 of 8,931 comparisons"

MAGIC = {"SVG": b"<?xml", "PNG": b"\x89PNG\r\n", "PDF": b"%PDF-", "CSV": b"model,model_name,"}
_WATCH = """
  window.seen = [];
  const note = () => {
    const board = document.querySelector("#leaderboard-board .lb");
    const missing = document.querySelectorAll("main .lb-wait").length;
    if (board) window.seen.push([missing, document.querySelector("main").offsetHeight]);
  };
  document.addEventListener("DOMContentLoaded", () => {
    note();
    new MutationObserver(note).observe(document, { childList: true, subtree: true });
  });
"""
"""Notes at first and at each change how many numbers are missing and how high all of it is."""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedArena]:
    yield from crowd_in(tmp_path_factory.mktemp("crowd"))


@pytest.fixture
def page(crowd: ServedArena, open_tab: Tab) -> Page:
    """A page of somebody who may read the board."""
    tab: Page = open_tab(crowd).page
    tab.add_init_script(_WATCH)
    return tab


def _saved(download: Download, crowd: ServedArena) -> bytes:
    """The browser calls every failed answer «canceled», an error status as well as a broken line:
    what the server answers now, and what it printed, tell which it was."""
    failure = download.failure()
    if failure is not None:
        cookies = {one["name"]: one["value"] for one in download.page.context.cookies()}
        again = httpx.get(download.url, cookies=cookies, trust_env=False, timeout=30)
        pytest.fail(f"{download.url}: {failure}; again: {again.status_code}\n{crowd.output}")
    return Path(download.path()).read_bytes()


def _first_row(page: Page, column: int) -> str:
    return page.locator(f"#models tbody tr:first-child > :nth-child({column + 1})").inner_text()


def test_counts_come_at_once_and_intervals_fill_in_without_a_jump(
    page: Page, crowd: ServedArena
) -> None:
    open_board(page, crowd)

    seen: Any = page.evaluate("window.seen")

    expect(page.locator("#counted summary")).to_contain_text(SUMMARY)
    assert seen[0][0] > 0, "the first board had everything: nothing was seen to fill in"
    assert seen[-1][0] == 0
    assert abs(seen[0][1] - seen[-1][1]) <= 2
    assert re.fullmatch(r"\d\d\.\d–\d\d\.\d", _first_row(page, 4))


def test_columns_are_sorted_by_keyboard_and_stay_so_on_another_board(
    page: Page, crowd: ServedArena
) -> None:
    open_board(page, crowd)
    wins = page.locator("#models-5")

    wins.focus()
    page.keyboard.press("Enter")

    head = page.locator("#models thead th:nth-child(6)")
    expect(head).to_have_attribute("aria-sort", "descending")
    most = _first_row(page, 5)
    page.keyboard.press("Space")
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert int(_first_row(page, 5)) < int(most)

    page.locator("#filter-flagged").check()
    expect(page).to_have_url(re.compile("flagged=1"))
    expect(page.locator("#leaderboard-board .lb[data-asked*='flagged']")).to_be_visible()
    expect(page.locator("#models thead th:nth-child(6)")).to_have_attribute(
        "aria-sort", "ascending"
    )


def test_filters_are_in_the_address_so_that_a_board_can_be_linked(
    page: Page, crowd: ServedArena
) -> None:
    open_board(page, crowd)
    page.locator("#filter-among").click()
    for name in ("GPT 4", "command", "GPT 3.5 Turbo"):
        page.get_by_role("checkbox", name=name, exact=True).check()
    expect(page.locator("#tile-votes")).to_contain_text("3 models")
    page.keyboard.press("Escape")
    page.locator("#models a", has_text="GPT 4").click()
    expect(page.locator(".lb-bars li")).to_have_count(2)

    page.reload()

    expect(page.locator(".lb-bars li")).to_have_count(2)
    expect(page.locator("#filter-model")).to_have_value(re.compile(".+"))
    page.go_back()
    expect(page.locator("#models tbody tr")).to_have_count(3)
    expect(page.locator("#filter-model")).to_have_value("")
    page.locator("#filter-reset").click()
    expect(page.locator("#tile-votes")).to_contain_text("59 models")


def test_the_last_choice_wins_however_fast_one_chooses(page: Page, crowd: ServedArena) -> None:
    open_board(page, crowd, "?tab=head")
    chosen = page.locator("#filter-model option").all()[5:9]
    wanted = chosen[-1].inner_text()

    for option in chosen:
        page.locator("#filter-model").select_option(option.get_attribute("value"))

    expect(page.locator(".lb-name")).to_contain_text(wanted)
    expect(page.locator(".lb-wait")).to_have_count(0)
    expect(page.locator(".lb-name")).to_contain_text(wanted)


def test_the_matrix_is_read_with_arrow_keys_under_heads_that_stay(
    page: Page, crowd: ServedArena
) -> None:
    open_board(page, crowd)
    page.locator("#tab-matrix").click()
    box = page.locator("#matrix-box")

    box.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#matrix-readout")).to_contain_text("GPT 4 : ")
    box.evaluate("box => box.scrollTo(900, 900)")

    place: Any = box.evaluate(
        """box => {
          const edge = box.getBoundingClientRect();
          const [head] = box.querySelectorAll("thead th"), [row] = box.querySelectorAll("tbody th");
          const top = head.getBoundingClientRect().top, left = row.getBoundingClientRect().left;
          return [box.scrollTop, top - edge.top, left - edge.left];
        }"""
    )
    assert place[0] > 0
    assert place[1:] == [pytest.approx(1, abs=1), pytest.approx(1, abs=1)]


def test_the_figure_is_saved_in_every_format_with_one_click(page: Page, crowd: ServedArena) -> None:
    open_board(page, crowd)
    page.locator("#models a", has_text="GPT 4").click()
    expect(page.locator(".lb-bars")).to_be_visible()
    expect(page.locator(".lb-wait")).to_have_count(0)
    page.locator("#save-figure-open").click()

    for kind, magic in MAGIC.items():
        with page.expect_download() as saving:
            page.get_by_role("button", name=kind, exact=True).click()
        name, content = saving.value.suggested_filename, _saved(saving.value, crowd)
        assert content.startswith(magic), kind
        assert name == f"win-loss-gpt-4.{kind.lower()}"
        if kind == "CSV":
            rows = list(csv.DictReader(io.StringIO(content.decode())))
            assert len(rows) == page.locator(".lb-bars li").count()
            assert {row["model_name"] for row in rows} == {"GPT 4"}


def test_the_table_is_saved_for_programs_and_for_papers(page: Page, crowd: ServedArena) -> None:
    open_board(page, crowd)
    page.locator("#save-table-open").click()

    for name, end in (("CSV", "csv"), ("LaTeX", "tex"), ("Markdown", "md")):
        with page.expect_download() as saving:
            page.get_by_role("link", name=name, exact=True).click()
        text = _saved(saving.value, crowd).decode()
        assert saving.value.suggested_filename == f"win-loss.{end}"
        assert text.count("preliminary") == 59
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="LaTeX")).to_be_hidden()
    expect(page.locator("#save-table-open")).to_be_focused()


def test_no_session_no_figure_and_no_name(crowd: ServedArena) -> None:
    for kind in MAGIC:
        answer = httpx.get(
            f"{crowd.address}/leaderboard/figure.{kind.lower()}?model=gpt-4", trust_env=False
        )
        assert answer.status_code == 401
        assert b"GPT" not in answer.content


def test_single_annotators_are_shown_to_an_admin_alone(page: Page, crowd: ServedArena) -> None:
    open_board(page, crowd, "?tab=quality")
    expect(page.locator(".lb-facts")).to_contain_text("α = 0.29")
    expect(page.locator(".lb-facts")).to_contain_text("53.3 % 48.4–58.2")
    expect(page.locator("#annotators")).to_have_count(0)

    page.goto(f"{crowd.address}/login")
    page.locator("input[name=name]").fill("admin")
    page.locator("input[name=password]").fill(ADMIN_PASSWORD)
    page.locator("button[type=submit]").click()
    page.wait_for_url(f"{crowd.address}/**")
    open_board(page, crowd, "?tab=quality")

    expect(page.locator("#annotators tbody tr")).to_have_count(124)


def test_without_scripts_the_board_its_links_and_its_form_work(
    crowd: ServedArena, open_tab: Tab
) -> None:
    page = open_tab(crowd, java_script_enabled=False).page
    page.goto(f"{crowd.address}/leaderboard?tab=matrix")
    expect(page.locator("#counted summary")).to_contain_text(SUMMARY)
    page.locator("#tab-rates").click()
    page.locator("#models a", has_text="GPT 4").click()
    expect(page.locator(".lb-bars li")).to_have_count(19)

    page.locator("#filter-among").click()
    for name in ("GPT 4", "command", "GPT 3.5 Turbo"):
        page.get_by_role("checkbox", name=name, exact=True).check()
    page.locator("#filter-among").click()
    page.get_by_role("button", name="Show this board").click()

    expect(page.locator("#tile-votes")).to_contain_text("3 models")
    expect(page.locator("#filter-model")).to_have_value("gpt-4")
    while page.locator(".lb-wait").count():
        page.get_by_role("link", name="Reload the page to see the intervals").click()


def test_a_lost_connection_is_said_and_the_question_can_be_asked_again(
    page: Page, crowd: ServedArena, complaints: list[Complaints]
) -> None:
    complaints[0].expect("ERR_FAILED|status of 503")
    open_board(page, crowd)
    asked: list[str] = []

    def fail(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(status=503, content_type="text/plain", body="No room.")
        else:
            route.abort()

    page.route("**/leaderboard/board*", fail)
    page.locator("#tab-matrix").click()
    broken = page.locator(".lb-broken")
    expect(broken).to_contain_text("No room. Try again")
    broken.get_by_role("link").click()
    expect(broken).to_contain_text("The connection was lost before everything was there.")

    page.unroute("**/leaderboard/board*")
    broken.get_by_role("link").click()

    expect(page.locator("#matrix")).to_be_visible()
    expect(broken).to_have_count(0)
