"""The panel of the figure in a browser, over real votes: 59 models, 8,931 comparisons."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from tests.e2e.browsing import Complaints, box_of
from tests.e2e.conftest import Tab
from tests.e2e.crowds import crowd_in, open_board
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

DRAWN = "image => image.complete && image.naturalWidth > 0"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedArena]:
    yield from crowd_in(tmp_path_factory.mktemp("crowd"))


def open_panel(page: Page, crowd: ServedArena, address: str = "") -> None:
    open_board(page, crowd, address)
    page.locator("#save-figure-open").click()
    expect(page.locator("#figure-panel")).to_be_visible()
    expect_drawn(page)


def expect_drawn(page: Page) -> None:
    expect(page.locator("#figure-preview")).to_be_visible(timeout=20_000)
    expect(page.locator("#figure-said")).to_be_empty(timeout=20_000)
    assert page.locator("#figure-preview").evaluate(DRAWN)


def asked_for(page: Page) -> list[str]:
    """The addresses of figures that are asked for from now on."""
    addresses: list[str] = []

    def note(request: Request) -> None:
        if "/leaderboard/figure." in request.url:
            addresses.append(request.url)

    page.on("request", note)
    return addresses


def test_nothing_is_drawn_before_the_panel_is_open(crowd: ServedArena, open_tab: Tab) -> None:
    page = open_tab(crowd).page
    asked = asked_for(page)
    open_board(page, crowd)
    assert asked == []

    page.locator("#save-figure-open").click()

    expect_drawn(page)
    assert len(asked) == 1


def test_the_preview_follows_the_choices(crowd: ServedArena, open_tab: Tab) -> None:
    page = open_tab(crowd).page
    open_panel(page, crowd)
    asked = asked_for(page)
    before = page.locator("#figure-preview").evaluate("image => image.naturalWidth")

    page.get_by_label("One column, 84 mm").check()
    page.get_by_label("Notes below").uncheck()

    expect(page.locator("#figure-preview[src*='width=one']")).to_be_visible(timeout=20_000)
    expect_drawn(page)
    after = page.locator("#figure-preview").evaluate("image => image.naturalWidth")
    assert after / before == pytest.approx(84 / 174, abs=0.01)
    assert len(asked) <= 2
    assert "notes=off" in asked[-1]


def test_many_choices_at_once_are_few_requests(crowd: ServedArena, open_tab: Tab) -> None:
    page = open_tab(crowd).page
    open_panel(page, crowd)
    asked = asked_for(page)

    for _ in range(20):
        page.get_by_label("Grey, for print without colours").click()
    page.locator("#figure-least").fill("3")

    expect(page.locator("#figure-preview[src*='least=3&']")).to_be_visible(timeout=20_000)
    expect_drawn(page)
    assert len(asked) <= 6


def test_a_seventh_model_cannot_be_chosen(crowd: ServedArena, open_tab: Tab) -> None:
    page = open_tab(crowd).page
    open_panel(page, crowd)
    boxes = page.locator("#figure-models input")

    for number in range(1, 6):
        boxes.nth(number).check()

    expect(boxes.nth(7)).to_be_disabled()
    boxes.nth(5).uncheck()
    expect(boxes.nth(7)).to_be_enabled()


def test_why_there_is_no_figure_is_said_in_words(
    crowd: ServedArena, open_tab: Tab, complaints: list[Complaints]
) -> None:
    page = open_tab(crowd).page
    complaints[0].expect("status of 404")
    open_panel(page, crowd)

    page.locator("#figure-least").fill("99999")

    expect(page.locator("#figure-said")).to_contain_text("There is nothing to draw")
    expect(page.locator("#figure-preview")).to_be_hidden()
    page.locator("#figure-least").fill("0")
    expect_drawn(page)


def test_a_matrix_that_does_not_fit_says_how_many_models_do(
    crowd: ServedArena, open_tab: Tab, complaints: list[Complaints]
) -> None:
    page = open_tab(crowd).page
    complaints[0].expect("status of 400")
    open_panel(page, crowd)

    page.get_by_label("Who beats whom").check()

    expect(page.locator("#figure-said")).to_contain_text("A matrix in this width has room for")
    expect(page.locator("#figure-said")).not_to_contain_text("{")
    expect(page.locator("#figure-models")).to_be_hidden()
    page.get_by_label("Ratings").check()
    expect_drawn(page)


def test_the_panel_is_used_by_keys_alone(crowd: ServedArena, open_tab: Tab) -> None:
    page = open_tab(crowd).page
    open_board(page, crowd)
    page.locator("#save-figure-open").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#figure-panel")).to_be_focused()

    page.keyboard.press("Tab")
    expect(page.locator("#figure-close")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator("#figure-panel")).to_be_hidden()
    expect(page.locator("#save-figure-open")).to_be_focused()


def test_the_panel_stays_while_the_numbers_of_its_board_come(
    crowd: ServedArena, open_tab: Tab
) -> None:
    page = open_tab(crowd).page
    page.goto(f"{crowd.address}/leaderboard?flagged=1")
    # At once: numbers that come between press and release would take the button away.
    page.locator("#save-figure-open").evaluate("button => button.click()")
    page.locator("#figure-models input").nth(3).check()

    expect(page.locator("#leaderboard-board .lb[data-progress=ready]")).to_be_visible(
        timeout=30_000
    )
    expect(page.locator("#figure-panel")).to_be_visible()
    expect(page.locator("#figure-models input").nth(3)).to_be_checked()


def test_without_scripts_the_panel_is_a_plain_form(crowd: ServedArena, open_tab: Tab) -> None:
    page = open_tab(crowd, java_script_enabled=False).page
    page.goto(f"{crowd.address}/leaderboard?flagged=1")
    page.locator("#save-figure-open").click()
    page.get_by_label("One column, 84 mm").check()

    with page.expect_download() as saving:
        page.get_by_role("button", name="SVG", exact=True).click()

    assert saving.value.suggested_filename.endswith(".svg")
    assert "flagged=1" in saving.value.url
    assert "width=one" in saving.value.url


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_axe_finds_nothing(
    crowd: ServedArena, open_tab: Tab, scheme: str, width: int
) -> None:
    page = open_tab(crowd, color_scheme=scheme).page
    page.set_viewport_size({"width": width, "height": 844})
    open_panel(page, crowd)

    box = box_of(page.locator("#figure-panel"))
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= 844
    for name in ("SVG", "PDF"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport()
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in {"critical", "serious", "moderate"}]
    assert [(one["id"], one["nodes"][0]["target"]) for one in serious] == []
