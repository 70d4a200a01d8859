"""Every page by axe-core: no serious, no moderate finding; light and dark, wide and narrow."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from arena.web.leaderboard.query import Tab as BoardTab
from tests.e2e.bestiary import QUICK
from tests.e2e.browsing import BattleTab
from tests.e2e.conftest import Tab
from tests.e2e.crowds import crowd_in, open_board
from tests.e2e.passwords import sign_in, with_password
from tests.e2e.race import QUICK as RACE
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena

pytestmark = pytest.mark.browser

COUNTED = {"critical", "serious", "moderate"}
SCHEMES = ("light", "dark")
WIDTHS = (1440, 390)


def findings(tab: BattleTab) -> list[str]:
    """What axe-core finds in every width, each with the first element that it means."""
    return [f"{width} px: {one}" for width in WIDTHS for one in _findings_at(tab.page, width)]


def _findings_at(page: Page, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": 844})
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['nodes'][0]['target']} "
        f"{one['nodes'][0].get('failureSummary', '')}"
        for one in found
        if one["impact"] in COUNTED
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_battle_page_in_every_state(arena: ServedArena, open_tab: Tab, scheme: str) -> None:
    tab = open_tab(arena, color_scheme=scheme).open()
    expect(tab.page.locator("#examples button").first).to_be_visible()
    assert findings(tab) == []
    tab.complete(QUICK)
    assert findings(tab) == []
    tab.element("vote-a-better").click()
    tab.expect_revealed()
    assert findings(tab) == []
    tab.page.evaluate("arenaPage.showKeys()")
    expect(tab.element("keys-dialog")).to_be_visible()
    assert findings(tab) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_panel_of_reasons(uneven: ServedArena, open_tab: Tab, scheme: str) -> None:
    tab = open_tab(uneven, color_scheme=scheme).open()
    tab.complete(RACE)
    tab.element("vote-tie").click()
    expect(tab.element("reasons")).to_be_visible()
    assert findings(tab) == []
    tab.element("new-battle").click()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_ones_own_account(arena: ServedArena, open_tab: Tab, scheme: str) -> None:
    tab = open_tab(arena, color_scheme=scheme)
    with_password(arena, f"Ada by {scheme}")
    sign_in(tab.page, arena, f"Ada by {scheme}")
    tab.page.goto(f"{arena.address}/account")
    expect(tab.page.locator("tr.here")).to_be_visible()
    assert findings(tab) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_leaderboard_admin_and_sign_in(arena: ServedArena, open_tab: Tab, scheme: str) -> None:
    tab = open_tab(arena, color_scheme=scheme)
    tab.page.goto(f"{arena.address}/login")
    assert findings(tab) == []
    tab.page.fill("#password", ADMIN_PASSWORD)
    tab.page.click("button[type=submit]")
    tab.page.wait_for_url("**/admin/")
    expect(tab.page.locator(".admin .models")).to_be_visible()
    assert findings(tab) == []
    tab.page.goto(f"{arena.address}/leaderboard")
    tab.page.locator("[aria-busy='true']").wait_for(state="detached")
    assert findings(tab) == []


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedArena]:
    yield from crowd_in(tmp_path_factory.mktemp("crowd"))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_leaderboard_of_a_crowd(crowd: ServedArena, open_tab: Tab, scheme: str) -> None:
    tab = open_tab(crowd, color_scheme=scheme)
    for address in ("?model=gpt-4&columns=mean&flagged=1", "?tab=head&model=gpt-4", "?tab=matrix"):
        open_board(tab.page, crowd, address)
        assert findings(tab) == [], address


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_tab_of_the_leaderboard(
    crowd: ServedArena, open_tab: Tab, scheme: str, language: str
) -> None:
    tab = open_tab(crowd, color_scheme=scheme, locale=language)
    for name in BoardTab:
        tab.page.set_viewport_size({"width": max(WIDTHS), "height": 844})
        open_board(tab.page, crowd, f"?tab={name}")
        tab.page.locator("#counted summary").click()
        expect(tab.page.locator("#counted dl")).to_be_visible()
        assert findings(tab) == [], name


def test_axe_finds_what_is_wrong(arena: ServedArena, open_tab: Tab) -> None:
    """So that an empty list above means something."""
    tab = open_tab(arena).open()
    tab.complete(QUICK)
    tab.page.evaluate("document.querySelector('#view strong').style.color = '#dddddd'")
    assert [one for one in findings(tab) if "color-contrast" in one]
