"""An annotator signs in by password, changes it, and is signed out elsewhere, in a browser."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tab
from tests.e2e.passwords import PASSWORD, sign_in, with_password
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

ANOTHER = "neap tides at noon"


def test_an_annotator_changes_the_password_and_is_signed_out_everywhere_else(
    arena: ServedArena, open_tab: Tab
) -> None:
    with_password(arena, "Ada of the tides")
    here, elsewhere = open_tab(arena).page, open_tab(arena).page
    for page in (here, elsewhere):
        sign_in(page, arena, "Ada of the tides")
        expect(page.get_by_role("link", name="Ada of the tides")).to_be_visible()

    here.get_by_role("link", name="Ada of the tides").click()
    here.wait_for_url(f"{arena.address}/account")
    expect(here.locator("tbody tr")).to_have_count(2)
    expect(here.locator("tbody tr.here")).to_have_count(1)
    here.get_by_label("Present password").fill(PASSWORD)
    here.get_by_label("New password (8 characters or more)").fill(ANOTHER)
    here.get_by_label("New password again").fill(ANOTHER)
    here.get_by_role("button", name="Change password").click()

    expect(here.get_by_role("status")).to_contain_text("The new password holds")
    expect(here.locator("tbody tr")).to_have_count(1)
    elsewhere.goto(f"{arena.address}/account")
    elsewhere.wait_for_url("**/login")

    here.get_by_role("button", name="Sign out", exact=True).click()
    expect(here.get_by_role("link", name="Admin sign-in")).to_be_visible()
    sign_in(here, arena, "Ada of the tides", ANOTHER)
    expect(here.get_by_role("link", name="Ada of the tides")).to_be_visible()
