"""The leak test: nothing that a browser receives before the vote names or measures a model."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import BattleTab
from tests.e2e.conftest import Tab
from tests.e2e.driver import HttpAnnotator
from tests.e2e.proxy import RecordingProxy
from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.sentinels import leaks, spellings
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena
from tests.fakes.board_pages import frames_in

pytestmark = pytest.mark.browser

FIRST, SECOND = "zq-vermilion-70b", "xv-heliotrope-7b"
SECRETS = (
    FIRST,
    SECOND,
    "Vermilion Quetzal",
    "Heliotrope Axolotl",
    "Quetzal Licence 9",
    "a bird of the cloud forest",
    "a salamander of the lake",
    "quetzal-hub.example",
    "axolotl-hub.example",
    "Quetzalcorp",
    "Axolotlcorp",
    "BrokenReply",
    "scripted failure",
)
TOKENS = (211, 223)
"""Lengths of the two answers: numbers that nothing else on the page has."""

WORD = "steadily "
BATTLE_PATHS = ("/", "/config", "/gradio_api/info", "/openapi.json", "/gradio_api/openapi.json")
SIDE_DOORS = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/leaderboard",
    "/leaderboard/",
    "/leaderboard/board",
    "/leaderboard/board?tab=quality",
    "/leaderboard/table.csv",
    "/leaderboard/table.tex",
    "/leaderboard/board?tab=robustness",
    "/admin/",
    "/admin/config",
    "/admin/gradio_api/info",
    "/admin/exports/votes.csv",
    "/admin/exports/leaderboard.csv",
    "/monitoring",
    "/gradio_api/runs",
    "/gradio_api/startup-events",
    "/manifest.json",
)


@pytest.fixture(scope="module")
def secretive(serve: Callable[..., ServedArena]) -> ServedArena:
    """Every fourth answer of the first model breaks off."""
    pace = 120.0
    models = {
        FIRST: scripted_model(
            "Vermilion Quetzal",
            WORD * TOKENS[0],
            script={"tokens_per_second": pace, "fail_at_token": 5, "fail_every": 4},
            license="Quetzal Licence 9",
            description="a bird of the cloud forest",
            links={"hub": "https://quetzal-hub.example/model"},
            identity_words=["Quetzalcorp"],
        ),
        SECOND: scripted_model(
            "Heliotrope Axolotl",
            WORD * TOKENS[1],
            script={"tokens_per_second": pace},
            description="a salamander of the lake",
            links={"hub": "https://axolotl-hub.example/model"},
            identity_words=["Axolotlcorp"],
        ),
    }
    return serve("secretive", catalog(**models))


@pytest.fixture
def proxy(secretive: ServedArena) -> Iterator[RecordingProxy]:
    with RecordingProxy(secretive.port).running() as proxy:
        yield proxy


class Snoop:
    """Looks everywhere at every stage of a battle, as its annotator and as nobody."""

    def __init__(self, page: Page, proxy: RecordingProxy) -> None:
        self._page = page
        self._proxy = proxy
        self._seen: list[str] = []
        self._nobody = httpx.Client(base_url=proxy.address, trust_env=False, verify=False)
        self._annotator = httpx.Client(base_url=proxy.address, trust_env=False, verify=False)

    def close(self) -> None:
        self._nobody.close()
        self._annotator.close()

    def look(self) -> None:
        """Poll the side doors; what comes back is in the proxy's record."""
        for cookie in self._page.context.cookies():
            self._annotator.cookies.set(cookie["name"], cookie["value"])
        for client in (self._nobody, self._annotator):
            for path in (*BATTLE_PATHS, *SIDE_DOORS):
                client.get(path, headers={"accept": "application/json"})
        self._annotator.get("/", headers={"accept": "text/html"})
        self._annotator.get("/leaderboard", headers={"accept": "text/html"})
        self._seen.append(self._page.content())
        self._seen.append(self._page.evaluate(_EVERYTHING_KEPT))
        self._seen.append(str(self._page.context.cookies()))

    def everything(self) -> bytes:
        """All bytes received so far, all markup and all that the browser has kept."""
        return self._proxy.received() + "\n".join(self._seen).encode()


_EVERYTHING_KEPT = """() => JSON.stringify([
    {...localStorage}, {...sessionStorage}, document.cookie, window.gradio_config, location.href,
    [...document.querySelectorAll("input, textarea")].map((field) => field.value),
])"""


def test_nothing_names_a_model_before_the_vote_and_the_reveal_does(
    secretive: ServedArena, proxy: RecordingProxy, open_tab: Tab
) -> None:
    tab = open_tab(proxy.address).open()
    snoop = Snoop(tab.page, proxy)

    _play_until_the_last_battle_is_complete(tab, snoop)

    received = snoop.everything()
    assert b"steadily steadily" in received, "the record must hold the answers"
    assert b"content-encoding" not in received.lower(), "what is compressed cannot be searched"
    assert leaks(received, SECRETS) == []
    assert _figures(received) & set(TOKENS) == set()
    assert _words_about_generation(received) == set()
    states = secretive.rows("SELECT state FROM battles ORDER BY created_at")
    assert states == [("abandoned",), ("void",), ("complete",)]

    tab.element("vote-tie").click()
    tab.expect_revealed()
    revealed = snoop.everything()
    assert f"{FIRST} (plain)" in leaks(revealed, SECRETS)
    assert "Heliotrope Axolotl (plain)" in leaks(revealed, SECRETS)
    snoop.close()


def _play_until_the_last_battle_is_complete(tab: BattleTab, snoop: Snoop) -> None:
    """First prompt, second turn; a stop, a reload, an error; a fresh pair and a reload."""
    snoop.look()
    tab.send("First question?")
    tab.expect_generating()
    snoop.look()
    tab.expect_complete()
    tab.complete("Second question?")
    snoop.look()
    tab.element("new-battle").click()
    expect(tab.element("welcome")).to_be_visible()
    tab.send("Third question?")
    expect(tab.element("slot-a").locator(".answer-body")).to_be_visible()
    tab.element("stop").click()
    expect(tab.element("retry")).to_be_visible()
    snoop.look()
    tab.reload()
    tab.element("retry").click()
    expect(tab.element("view")).to_contain_text("does not count")
    snoop.look()
    tab.element("retry").click()
    tab.expect_generating()
    tab.reload()
    tab.expect_complete()
    snoop.look()


def _frames(received: bytes) -> list[dict[str, Any]]:
    """Every event that the page was sent."""
    return [json.loads(line) for line in re.findall(rb"(?m)^data: (\{.*\})\r?$", received)]


def _figures(received: bytes) -> set[float]:
    """Every number in the page's events."""
    found: set[float] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for part in value.values():
                walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)
        elif isinstance(value, int | float):
            found.add(value)

    walk(_frames(received))
    return found


def _words_about_generation(received: bytes) -> set[bytes]:
    """Names of figures and outcomes of a single slot, in the page's events."""
    events = b"\n".join(re.findall(rb"(?m)^data: .*$", received))
    wanted = rb"tokens|finish_reason|first_token|latency|provider|fingerprint|base_url|traceback"
    return set(re.findall(wanted, events.lower()))


def test_the_search_finds_every_spelling_of_a_secret() -> None:
    for name, spelling in spellings(FIRST).items():
        assert leaks(b"before " + spelling.upper() + b" after", [FIRST]), name
    assert leaks(b"nothing of interest", SECRETS) == []


def test_an_open_battle_changes_nothing_on_the_leaderboard(secretive: ServedArena) -> None:
    """Names stand on it once there are votes; that may not tell who is answering now."""
    with HttpAnnotator(secretive.address) as ada:
        ada.load()
        _vote_in_a_battle(ada)
        before = _board(ada)
        assert leaks(before.encode(), SECRETS), "the board must name models for this to mean much"
        while not ada.fire("send", prompt="Who are you two?").text("view").startswith("Which"):
            before = _board(ada)
        assert _board(ada) == before
        ada.fire("new-battle")


def _vote_in_a_battle(ada: HttpAnnotator) -> None:
    while True:
        ada.fire("send", prompt="A question to vote on?")
        if ada.fire("vote-a-better").revealed:
            return


def _board(ada: HttpAnnotator) -> str:
    """The last frame of the stream, which has all of the board's numbers."""
    stream = ada.http.get("/leaderboard/board").raise_for_status().text
    return frames_in(stream)[-1]


def test_the_metrics_that_an_admin_reads_do_name_models(secretive: ServedArena) -> None:
    """So that the refusal above hides something."""
    with httpx.Client(base_url=secretive.address, trust_env=False, verify=False) as admin:
        admin.post("/login", data={"name": "admin", "password": ADMIN_PASSWORD})
        assert FIRST in admin.get("/metrics").text
