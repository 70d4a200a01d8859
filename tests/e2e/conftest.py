"""Served arenas, two of them shared by many modules, and a browser per module."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.bestiary import bestiary
from tests.e2e.browsing import BattleTab, Complaints, chromium
from tests.e2e.campaigns import CampaignOf, close_campaigns
from tests.e2e.profiles import Profiles
from tests.e2e.race import race
from tests.e2e.serving import ServedArena, serving

Serve = Callable[..., ServedArena]
"""Starts an arena: name, catalog, settings."""
Tab = Callable[..., BattleTab]
"""Opens a page of an arena in a browser profile of its own."""


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start arenas; the end of the module stops them."""
    with starting(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def serve_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start arenas that several modules share; the end of the session stops them."""
    with starting(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def lively(serve_on: Serve) -> ServedArena:
    """Start the arena that `arena` wakes for a module."""
    return serve_on("arena", bestiary())


@pytest.fixture(scope="session")
def racing(serve_on: Serve) -> ServedArena:
    """Start the arena that `uneven` wakes for a module."""
    return serve_on("uneven", race(), ARENA_ASK_REASONS="true")


@pytest.fixture(scope="module")
def arena(lively: ServedArena) -> Iterator[ServedArena]:
    """Serve two lively models that never fail; see `bestiary` for what they say."""
    with lively.awake():
        yield lively
        close_campaigns(lively)


@pytest.fixture(scope="module")
def uneven(racing: ServedArena) -> Iterator[ServedArena]:
    """Serve a fast and a slow model that say the same; votes come with reasons. See `race`."""
    with racing.awake():
        yield racing
        close_campaigns(racing)


@contextmanager
def starting(folders: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start arenas, each in a folder of its own, and stop them in the end."""
    with ExitStack() as running:

        def start(name: str, catalog: str, **settings: str) -> ServedArena:
            return running.enter_context(serving(folders.mktemp(name), catalog, settings))

        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a browser for the module.

    It ends with it, because a sync Playwright and asyncio tests do not share a thread.
    """
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def profiles(browser: Browser) -> Profiles:
    """Keep the module's browser profiles."""
    return Profiles(browser)


@pytest.fixture
def complaints() -> list[Complaints]:
    """Collect what the pages of a test complained about, a list entry per profile."""
    return []


@pytest.fixture
def open_tab(profiles: Profiles, complaints: list[Complaints]) -> Iterator[Tab]:
    """Open pages of people of their own; the test fails if a page complains in the console."""
    with ExitStack() as people:

        def open_page(arena: ServedArena | str, **options: Any) -> BattleTab:
            address = arena if isinstance(arena, str) else arena.address
            opened = profiles.person(address, **{"locale": "en-GB", **options})
            page, heard = people.enter_context(opened)
            complaints.append(heard)
            return BattleTab(page, address)

        yield open_page
    assert [text for one in complaints for text in one.unexpected] == []


@pytest.fixture
def campaign(arena: ServedArena, tmp_path: Path, request: pytest.FixtureRequest) -> CampaignOf:
    """Name a campaign of this test alone."""
    name = re.sub(r"\W+", "-", request.node.name)[:60]
    return CampaignOf(arena, tmp_path / "campaign", name)
