"""Snapshots over HTTP: the list, the form, the page and the file of each, two compared."""

import asyncio
import re
from collections.abc import Callable
from hashlib import sha256

import httpx
import pytest

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.visibility import Visibility
from arena.storage.database import Database
from tests.builders import ANNOTATOR, seed_group, seed_vote, seed_votes
from tests.fakes.board_pages import TEXTS, BoardPages, pages_of
from tests.fakes.stored_campaigns import set_state, store_campaign
from tests.services.board.documents import judged
from tests.services.board.test_snapshots import freeze
from tests.web.leaderboard.boards import row_of, text_of
from tests.web.leaderboard.test_tabs import DEGENERATE, all_flagged, nothing, only_void

PLACE = "/leaderboard/snapshots"
ROOT = Caller(AnnotatorId(1), "annotator-0", AccountRole.ADMIN)
"""Whoever cast the first vote: an account that is there."""
WITHOUT_VOTES = (all_flagged, nothing, only_void)
LANGUAGES = list(TEXTS.by_language)


def page(pages: BoardPages, address: str) -> httpx.Response:
    return asyncio.run(pages.get(address, accept="text/html"))


def send(pages: BoardPages, **fields: str) -> httpx.Response:
    return asyncio.run(pages.send(PLACE, {"token": "t0ken", **fields}))


def test_an_admin_freezes_the_board_that_is_filtered(database: Database) -> None:
    judged(database, annotators=3, prompts=2)
    seed_votes(database, wins=2, category="math")
    pages = pages_of(database, caller=ROOT)
    assert 'name="category" value="math"' in pages.board("?tab=time&category=math")

    answer = send(pages, category="math")

    assert (answer.status_code, answer.headers["location"]) == (303, f"{PLACE}/1")
    shown = page(pages, f"{PLACE}/1").text
    assert "Category: Math" in shown
    assert "2 votes, 2 models" in shown


def test_a_snapshot_has_its_citation_its_file_and_its_numbers(database: Database) -> None:
    judged(database, annotators=9, prompts=8, exchanged=True)
    freeze(database)
    pages = pages_of(database)

    shown = page(pages, f"{PLACE}/1")
    file = page(pages, f"{PLACE}/1.json")

    fingerprint = sha256(file.content).hexdigest()
    assert shown.status_code == 200
    cited = f"Leaderboard, snapshot 1 of 2026-03-01: 72 votes, 2 models; SHA-256 {fingerprint}"
    assert cited in text_of(shown.text)
    assert f'href="{PLACE}/1.json"' in shown.text
    assert file.headers["content-type"] == "application/json"
    assert 'filename="snapshot-1.json"' in file.headers["content-disposition"]
    row = row_of(shown.text, "Name of alpha", "robustness-snapshot")
    assert re.match(r"1 75\.0 % \d+\.\d–\d+\.\d 54 18 0 0 9 8 preliminary \d+", row)
    assert 'id="robustness-snapshot_pairs"' in shown.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_words(database: Database, language: str) -> None:
    judged(database, annotators=9, prompts=8)
    freeze(database)
    judged(database, annotators=9, prompts=8)
    freeze(database)
    pages = pages_of(database, caller=ROOT, language=language)

    for shown in (page(pages, f"{PLACE}/1").text, pages.board("?tab=time&earlier=1&later=2")):
        assert "{" not in text_of(shown)
    assert TEXTS.by_language[language]["leaderboard.robustness.compared"] in pages.board(
        "?tab=time&earlier=1&later=2"
    )


def test_the_tab_lists_them_and_only_admins_see_who_froze_them(database: Database) -> None:
    judged(database, annotators=3, prompts=2)
    pages = pages_of(database, caller=ROOT)
    assert TEXTS.by_language["en"]["leaderboard.snapshots.none"] in pages.board("?tab=time")
    send(pages)

    mine, others = pages.board("?tab=time"), pages_of(database).board("?tab=time")

    assert row_of(mine, "Snapshot 1", "snapshots").endswith("annotator-0")
    assert "annotator-0" not in others
    assert "All votes 6 2" in row_of(others, "Snapshot 1", "snapshots")
    assert 'id="freeze"' in mine
    assert 'id="freeze"' not in others


def test_two_are_compared_whichever_comes_first(database: Database) -> None:
    judged(database, annotators=9, prompts=8, exchanged=True)
    freeze(database)
    judged(database, annotators=9, prompts=8)
    freeze(database)
    pages = pages_of(database)

    found = [pages.board(f"?tab=time&earlier={a}&later={b}") for a, b in ((1, 2), (2, 1))]

    for board in found:
        row = row_of(board, "Name of alpha", "robustness-compared")
        assert re.match(r"1 1–2 75\.0 % \S+ 75\.0 % \S+ \+0\.0 -\S+ … \+\S+ 72", row)
    assert '<option value="1" selected>' in found[0].split('id="compare-earlier"')[1]
    assert "Snapshot 1 counts 72 votes, snapshot 2 counts 144." in text_of(found[0])


def test_a_number_that_no_snapshot_has_is_said(database: Database) -> None:
    seed_vote(database)
    freeze(database)
    pages = pages_of(database)

    assert "There is no snapshot 7." in pages.board("?tab=time&earlier=1&later=7")
    assert "two different snapshots" in pages.board("?tab=time&earlier=1&later=1")
    assert "left out: Earlier snapshot." in pages.board("?tab=time&earlier=one&later=1")
    for number in (0, 7, 10**30):
        assert page(pages, f"{PLACE}/{number}").status_code == 404
        assert page(pages, f"{PLACE}/{number}.json").status_code == 404
    assert page(pages, PLACE).headers["location"] == "/leaderboard?tab=time"


def test_who_may_not_read_boards_reads_no_snapshot(database: Database) -> None:
    seed_vote(database)
    freeze(database)

    for visibility, caller, status in (
        (Visibility.ANNOTATORS, None, 401),
        (Visibility.ADMINS, ANNOTATOR, 403),
    ):
        pages = pages_of(database, visibility=visibility, caller=caller)
        for address in (f"{PLACE}/1", f"{PLACE}/1.json"):
            answer = page(pages, address)
            assert answer.status_code == status
            assert "Name of" not in answer.text


def test_while_a_campaign_is_open_only_admins_read_them(database: Database) -> None:
    seed_vote(database, annotator="annotator-0")
    freeze(database)
    store_campaign(database, "What is the capital of France?")
    set_state(database, "open")

    for address in (f"{PLACE}/1", f"{PLACE}/1.json"):
        assert page(pages_of(database), address).status_code == 403
        assert page(pages_of(database, caller=ROOT), address).status_code == 200
    assert "Name of" not in pages_of(database).board("?tab=time&earlier=1&later=1")


@pytest.mark.parametrize(
    ("caller", "fields", "status"),
    [
        (None, {}, 401),
        (ANNOTATOR, {}, 403),
        (ROOT, {"token": "another"}, 403),
        (ROOT, {"group": "pair"}, 403),
        (ROOT, {"category": "nothing of it"}, 409),
    ],
    ids=["nobody", "an annotator", "another session", "a small group", "no votes"],
)
def test_what_cannot_be_frozen_is_said_on_a_page(
    database: Database, caller: Caller | None, fields: dict[str, str], status: int
) -> None:
    seed_group(database, "pair", "annotator-0", "grace")
    pages = pages_of(database, caller=caller)

    answer = send(pages, **fields)

    assert answer.status_code == status
    assert '<section class="lb-empty"' in answer.text
    assert page(pages, f"{PLACE}/1").status_code == 404


@pytest.mark.parametrize("seed", [one for one in DEGENERATE if one not in WITHOUT_VOTES])
def test_a_degenerate_board_can_be_frozen_and_read(
    database: Database, seed: Callable[[Database], None]
) -> None:
    seed(database)
    freeze(database)

    shown = page(pages_of(database), f"{PLACE}/1")

    assert shown.status_code == 200
    assert "nan" not in text_of(shown.text).lower().split()
    assert "None" not in shown.text
