"""An arena below a path of a site, behind a real nginx: nothing leads out of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, Response, expect

from tests.e2e.browsing import BattleTab
from tests.e2e.campaigns import CampaignOf, close_campaigns
from tests.e2e.conftest import Serve, Tab
from tests.e2e.nginx import needs_nginx, nginx, own_certificate
from tests.e2e.quick import quick
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena

pytestmark = needs_nginx()

ROOT = "/lab7"
ONLY_TLS = pytest.mark.parametrize("site", ["https"], indirect=True)
"""What is the same without."""
PAGES = (
    "/",
    "/leaderboard",
    "/evaluate",
    "/login",
    "/admin/",
    "/admin/people",
    "/admin/campaigns",
    "/account",
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where browsers find the arena, and what is behind."""

    address: str
    arena: ServedArena


@pytest.fixture(scope="module", params=["http", "https"])
def site(
    request: pytest.FixtureRequest, serve: Serve, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """An arena at /lab7/ of a site, without and with TLS."""
    folder = tmp_path_factory.mktemp("nginx")
    tls = own_certificate(folder) if request.param == "https" else None
    settings = {"ARENA_ROOT_PATH": ROOT, "ARENA_SECURE_COOKIES": str(tls is not None).lower()}
    settings |= {"ARENA_LEADERBOARD_VISIBLE": "public", "ARENA_OPEN_ANNOTATORS": "true"}
    arena = serve(f"below-{request.param}", quick(), **settings)
    with nginx(folder / "run", arena.port, location=f"{ROOT}/", tls=tls) as address:
        yield Site(f"{address}{ROOT}", arena)


@pytest.fixture
def tab(site: Site, open_tab: Tab) -> BattleTab:
    """Somebody's browser, whose requests may not leave the path."""
    opened = open_tab(site.address, ignore_https_errors=True)
    watch(opened.page)
    return opened


def watch(page: Page) -> None:
    """Fail on a request beside the path, and on one that fails."""

    def heard(response: Response) -> None:
        path = urlsplit(response.url).path
        assert path.startswith(f"{ROOT}/"), response.url
        assert response.status < 400, (response.url, response.status)

    page.context.on("response", heard)


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.fill("#password", ADMIN_PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{address}/admin/")


@pytest.mark.browser
def test_a_battle_is_played_voted_on_and_seen_on_the_board(site: Site, tab: BattleTab) -> None:
    tab.open()
    tab.complete("What is below?")
    tab.element("vote-tie").click()
    tab.expect_revealed()
    tab.reload()

    tab.page.click("#header nav a:has-text('Leaderboard')")
    tab.page.wait_for_url(f"{site.address}/leaderboard")
    expect(tab.page.locator("#counted summary")).to_contain_text("Counted ")
    expect(tab.page.locator("#leaderboard-board")).not_to_have_attribute("aria-busy", "true")
    tab.page.click("#save-table-open")
    with tab.page.expect_download() as table:
        tab.page.click("#save-table a:has-text('CSV')")
    assert "Fig" in Path(table.value.path()).read_text(encoding="utf-8")
    tab.page.click("header .brand")
    tab.page.wait_for_url(f"{site.address}/")
    expect(tab.page.locator("#header nav")).to_be_visible()


@ONLY_TLS
@pytest.mark.browser
def test_an_admin_signs_in_invites_downloads_and_signs_out(
    site: Site, tab: BattleTab, open_tab: Tab
) -> None:
    page = tab.page
    sign_in(page, site.address)
    with page.expect_download() as votes:
        page.click("a:has-text('votes.csv')")
    assert votes.value.suggested_filename == "votes.csv"

    page.click(".admin-menu a:has-text('People')")
    page.wait_for_url(f"{site.address}/admin/people")
    if not page.locator("#people").is_visible():
        page.locator("summary").click()
    page.fill("#people", f"Ada of {site.address[:5]}")
    page.get_by_role("button", name="Make links").click()
    link = page.locator("code[data-copy]").first
    expect(link).to_contain_text(f"{site.address}/join/")
    invited = open_tab(site.address, ignore_https_errors=True).page
    watch(invited)
    invited.goto(link.inner_text())
    expect(invited.locator("#evaluate")).to_be_visible()
    assert invited.url == f"{site.address}/evaluate"

    page.click("form.account button")
    page.wait_for_url(f"{site.address}/")
    expect(page.locator("a.account")).to_have_attribute("href", f"{ROOT}/login")


def judge(page: Page, verdict: str) -> None:
    page.locator(f"label:has(input[value={verdict}])").click()
    page.click("#vote-submit")
    expect(page.locator("#next")).to_be_visible()


@ONLY_TLS
@pytest.mark.browser
def test_an_annotator_of_a_campaign_judges(site: Site, open_tab: Tab, tmp_path: Path) -> None:
    campaign = CampaignOf(site.arena, tmp_path, "Below")
    campaign.opened("protocol: {kind: pairwise}\nrepeats: 0\noverlap: 1\n", prompts=2)
    page = open_tab(site.address, ignore_https_errors=True).page
    watch(page)
    page.goto(campaign.link().replace(site.arena.address, site.address))
    expect(page.locator("#evaluate")).to_be_visible()
    judge(page, "a_better")
    page.click("#undo")
    expect(page.locator("input[value=a_better]")).to_be_checked()
    judge(page, "tie")
    page.click("#next")
    page.wait_for_url(f"{site.address}/evaluate?campaign=Below")
    expect(page.locator("#ballot")).to_be_visible()
    close_campaigns(site.arena)


def test_every_link_of_every_page_stays_below_the_path_and_leads_somewhere(site: Site) -> None:
    with httpx.Client(base_url=site.address, verify=False, trust_env=False) as admin:
        answer = admin.post("/login", data={"name": "admin", "password": ADMIN_PASSWORD})
        assert answer.headers["location"] == f"{ROOT}/admin/"
        seen = crawled(admin, site.address)
    assert len(seen) > 20


def crawled(client: httpx.Client, address: str) -> set[str]:
    """Read the pages and whatever they link to; return the addresses that were read."""
    waiting, seen = [f"{address}{page}" for page in PAGES], set()
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        answer = client.get(here, headers={"accept": "text/html"}, follow_redirects=True)
        assert answer.status_code == httpx.codes.OK, (here, answer.status_code)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        for link in links_in(answer.text):
            target = urljoin(str(answer.url), link.address).partition("#")[0]
            assert target.startswith(f"{address}/"), (here, link)
            if link.can_be_read and urlsplit(target).query.count("=") < 2:
                waiting.append(target)
    return seen


@dataclass(frozen=True, slots=True)
class Link:
    """Where a page leads; a form leads somewhere only with its fields."""

    address: str
    can_be_read: bool


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Link] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and name in {"href", "src", "action", "formaction"}:
                self.found.append(Link(value, name in {"href", "src"}))


def links_in(html: str) -> list[Link]:
    """Links, scripts, styles and targets of forms of a page."""
    parser = _Links()
    parser.feed(html)
    return parser.found


def test_the_session_is_for_this_path_and_secret_where_there_is_tls(site: Site) -> None:
    with httpx.Client(base_url=site.address, verify=False, trust_env=False) as guest:
        page = guest.get("/", headers={"accept": "text/html"})
    cookie = page.headers["set-cookie"]
    assert f"Path={ROOT}/" in cookie
    assert ("Secure" in cookie) is site.address.startswith("https")


def test_who_is_not_signed_in_is_led_to_the_sign_in_of_this_arena(site: Site) -> None:
    with httpx.Client(base_url=site.address, verify=False, trust_env=False) as nobody:
        answer = nobody.get("/admin/", headers={"accept": "text/html"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{ROOT}/login")
        bare = nobody.get(site.address, headers={"accept": "text/html"})
    assert bare.status_code in {301, 307, 404}


def test_gradio_knows_where_it_is(site: Site) -> None:
    with httpx.Client(base_url=site.address, verify=False, trust_env=False) as guest:
        guest.get("/", headers={"accept": "text/html"})
        assert guest.get("/config").json()["root"] == site.address


def test_probes_on_the_machine_itself_need_no_path(site: Site) -> None:
    for path in ("/healthz", "/readyz", f"{ROOT}/readyz"):
        assert httpx.get(f"{site.arena.address}{path}", trust_env=False).status_code == 200
