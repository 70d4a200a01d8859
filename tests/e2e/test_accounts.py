"""Signing in and out, the admin's page, and who is turned away."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Complaints
from tests.e2e.conftest import Tab
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena

pytestmark = pytest.mark.browser


def test_an_admin_signs_in_sees_the_models_downloads_the_votes_and_signs_out(
    arena: ServedArena, open_tab: Tab
) -> None:
    page = open_tab(arena).open().page
    page.get_by_role("link", name="Admin sign-in").click()
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url("**/admin/")
    overview = page.locator("#overview")
    expect(overview).to_contain_text("Gryphon <script>")
    expect(overview).to_contain_text("Hydra 9B")
    expect(overview.locator(".state.ready")).to_have_count(2)
    with page.expect_download() as download:
        overview.get_by_role("link", name="votes.csv").click()
    assert download.value.path().read_bytes().startswith(b"vote_id,")

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{arena.address}/")
    expect(page.get_by_role("link", name="Admin sign-in")).to_be_visible()
    page.goto(f"{arena.address}/admin/")
    page.wait_for_url("**/login")


def test_a_wrong_password_says_so_and_opens_nothing(
    arena: ServedArena, open_tab: Tab, complaints: list[Complaints]
) -> None:
    page = open_tab(arena).page
    complaints[0].expect("status of 403")
    page.goto(f"{arena.address}/login")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    expect(page.get_by_label("Name")).to_have_value("admin")
    assert page.context.cookies() == []


def test_an_annotator_who_goes_to_the_admin_page_is_asked_to_sign_in(
    arena: ServedArena, open_tab: Tab
) -> None:
    page = open_tab(arena).open().page
    expect(page.get_by_role("link", name="Admin", exact=True)).to_have_count(0)

    page.goto(f"{arena.address}/admin/")

    page.wait_for_url("**/login")
    expect(page.get_by_label("Password")).to_be_visible()


def test_the_leaderboard_is_reached_from_the_battle_page(arena: ServedArena, open_tab: Tab) -> None:
    page = open_tab(arena).open().page
    page.get_by_role("link", name="Leaderboard").click()

    page.wait_for_url("**/leaderboard")
    expect(page.get_by_role("heading", name="Leaderboard")).to_be_visible()
    page.get_by_role("link", name="Battle").click()
    expect(page.locator("#welcome")).to_be_visible()
