"""The leaderboard over HTTP: who gets what, under which filters."""

import asyncio

import httpx
import pytest

from arena.domain.accounts import Caller
from arena.domain.board import BoardFilter
from arena.domain.visibility import Visibility
from arena.services.board.leaderboard import EVERYTHING, Board, Leaderboards
from arena.services.errors import StorageError
from arena.storage.database import Database
from arena.web.http.error_pages import StorageErrorPage
from arena.web.http.security_headers import CONTENT_SECURITY_POLICY, PLAIN_PAGE_POLICY
from arena.web.leaderboard.query import Tab
from tests.builders import ADMIN, ANNOTATOR, seed_vote, seed_votes
from tests.fakes.board_pages import TEXTS, frames_in, pages_of
from tests.fakes.board_statistics import SlowStatistics, statistics_of
from tests.web.common.test_markup import Tags

NASTY = """<img src=x onerror="alert(1)">'"""


def test_who_has_no_session_is_told_no_model(database: Database) -> None:
    seed_votes(database, wins=2)
    pages = pages_of(database, visibility=Visibility.ANNOTATORS)

    for path in ("/leaderboard", "/leaderboard/board", "/leaderboard/board?model=alpha"):
        answer = asyncio.run(pages.get(path))
        assert answer.status_code == 401
        assert "Name of" not in answer.text


def test_the_page_has_its_filters_and_its_board(database: Database) -> None:
    seed_votes(database, wins=2, category="math")
    seed_vote(database, language="zh")

    page = pages_of(database).page()

    assert "<h1>Leaderboard</h1>" in page
    for value in ("alpha", "math", "zh"):
        assert f'<option value="{value}">' in page
    assert "Counted 3 of 3" in page


def test_a_chosen_value_stays_chosen_and_filters_the_board(database: Database) -> None:
    seed_votes(database, wins=2, category="math")
    seed_vote(database, models=("gamma", "delta"))

    page = pages_of(database).page("?model=gamma&category=math&among=alpha")

    for chosen in ('value="gamma" selected', 'value="math" selected', 'value="alpha" checked'):
        assert chosen in page
    assert "No votes match these filters." in page


def test_an_address_that_makes_no_sense_is_answered_with_a_sentence(database: Database) -> None:
    seed_vote(database)

    board = pages_of(database).board("?since=soon")

    assert "Part of the address makes no sense and was left out: From." in board
    assert "Counted 1 of 1" in board


def test_the_script_is_told_which_address_a_board_answers(database: Database) -> None:
    seed_vote(database)

    assert 'data-asked="?model=%22x&amp;tab=matrix"' in pages_of(database).board(
        "?model=%22x&tab=matrix"
    )


@pytest.mark.parametrize(
    ("visibility", "caller", "sentence"),
    [
        (Visibility.ANNOTATORS, None, "Sign in to see it."),
        (Visibility.ADMINS, ANNOTATOR, "Only admins can see it"),
    ],
)
@pytest.mark.parametrize("tab", Tab)
def test_who_may_not_read_gets_a_sentence_and_no_data(
    database: Database, visibility: Visibility, caller: Caller | None, sentence: str, tab: Tab
) -> None:
    seed_votes(database, wins=2, category="math")
    pages = pages_of(database, caller=caller, visibility=visibility)
    page, board = (
        asyncio.run(pages.get(f"/leaderboard{part}?tab={tab}&model=alpha"))
        for part in ("", "/board")
    )

    for answer in (page, board):
        assert answer.status_code == (401 if caller is None else 403)
        assert sentence in answer.text
        assert "Name of" not in answer.text
    assert '<div id="leaderboard-filters"></div>' in page.text


def test_the_board_of_a_group_too_small_is_refused_in_words_beside_the_filters(
    database: Database,
) -> None:
    seed_votes(database, wins=2)

    page = asyncio.run(pages_of(database, caller=ANNOTATOR).get("/leaderboard?group=of+one"))
    filters, board = page.text.split('id="leaderboard-board"')

    assert page.status_code == 403
    assert TEXTS.by_language["en"]["leaderboard.group_too_small"] in board
    assert 'value="of one" selected' in filters
    assert "Name of" not in board


def test_single_annotators_are_for_admins_alone(database: Database) -> None:
    seed_vote(database, annotator="somebody")

    def quality(caller: Caller) -> str:
        return pages_of(database, caller=caller).board("?tab=quality")

    assert "somebody" in quality(ADMIN)
    assert "somebody" not in quality(ANNOTATOR)
    assert 'id="annotators"' not in quality(ANNOTATOR)


def test_an_admin_reads_it_in_chinese(database: Database) -> None:
    seed_votes(database, wins=1)

    pages = pages_of(database, caller=ADMIN, visibility=Visibility.ADMINS, language="zh")
    page = pages.page()

    assert '<html lang="zh">' in page
    assert "共 1 次比较，计入 1 次" in page
    assert "<span>模型：</span><select" in page
    assert "共 1 次比较，计入 1 次" in pages.board()


def test_a_page_whose_statistics_are_known_is_complete(database: Database) -> None:
    seed_votes(database, wins=20, losses=12)
    pages = pages_of(database)

    async def once_known() -> str:
        await pages.get("/leaderboard/board")
        page = ""
        while 'data-progress="ready"' not in page:  # within .05 s, unless the machine is busy
            page = (await pages.get("/leaderboard")).text
        return page

    page = asyncio.run(once_known())

    assert "lb-wait" not in page
    assert "Reload the page to see the intervals" not in page


@pytest.mark.parametrize("path", ["/leaderboard", "/leaderboard/board"])
def test_head_answers_with_the_headers_alone(database: Database, path: str) -> None:
    seed_vote(database)
    pages = pages_of(database, statistics=SlowStatistics(statistics_of(database)))

    answer = asyncio.run(pages.get(path, method="HEAD"))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == PLAIN_PAGE_POLICY != CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("path", ["/leaderboard", "/leaderboard/board"])
@pytest.mark.parametrize("query", ["?since=soon", "?tab=elo", "?without=everybody"])
def test_an_unknown_filter_is_a_bad_request_in_words(
    database: Database, path: str, query: str
) -> None:
    seed_vote(database)

    answer = asyncio.run(pages_of(database).get(path + query))

    assert answer.status_code == 400
    assert "Part of the address makes no sense and was left out" in answer.text
    assert "Counted 1 of 1" in answer.text


@pytest.mark.parametrize("path", ["/leaderboard", "/leaderboard/board"])
def test_a_database_that_fails_is_said_in_a_sentence(database: Database, path: str) -> None:
    class BrokenLeaderboards(Leaderboards):
        def board(self, caller: Caller | None, board_filter: BoardFilter = EVERYTHING) -> Board:
            raise StorageError("disk full")

    broken = BrokenLeaderboards(database, visibility=Visibility.PUBLIC)
    pages = pages_of(database, leaderboards=broken)
    pages.app.add_middleware(StorageErrorPage, texts=TEXTS)

    answer = asyncio.run(pages.get(path, accept="text/html" if path == "/leaderboard" else "*/*"))

    assert answer.status_code == 503
    assert TEXTS.by_language["en"]["trouble_page.title"] in answer.text


def test_an_address_with_a_slash_leads_to_the_one_without(database: Database) -> None:
    answer = asyncio.run(pages_of(database).get("/leaderboard/?tab=matrix&model=a%2Fb"))

    assert answer.status_code == 307
    assert answer.headers["location"] == "/leaderboard?tab=matrix&model=a%2Fb"


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-dest": "image"}, {"accept": "image/avif,*/*"}, {"range": "bytes=0-"}]
)
def test_a_picture_in_an_answer_opens_no_stream(
    database: Database, headers: dict[str, str]
) -> None:
    answer = asyncio.run(pages_of(database).get("/leaderboard/board", **headers))
    assert answer.status_code == 404


@pytest.mark.parametrize("tab", Tab)
def test_names_from_outside_cannot_become_markup_anywhere_on_the_page(
    database: Database, tab: Tab
) -> None:
    for number in range(30):
        seed_vote(
            database,
            models=(NASTY, "beta"),
            annotator=NASTY,
            category=NASTY,
            prompts=(f"{number}",),
        )
    pages = pages_of(database, caller=ADMIN)
    of_model = str(httpx.QueryParams({"tab": tab, "model": NASTY}))
    filtered = str(httpx.QueryParams({"tab": tab, "group": NASTY, "among": NASTY}))

    for path in ("/leaderboard", "/leaderboard/board"):
        for query in (f"tab={tab}", of_model, filtered):
            html = asyncio.run(pages.get(f"{path}?{query}")).text
            assert not [name for _, names in Tags(html).found for name in names if name[:2] == "on"]
            own = html.count('<img id="figure-preview"')
            assert html.count("<img") == own
            assert "&lt;img" in html or (path, query) == ("/leaderboard/board", filtered)


def test_no_text_of_a_board_ends_a_frame(database: Database) -> None:
    seed_vote(database, models=("<!--frame-->", "\n<!--frame-->\n"))

    text = asyncio.run(pages_of(database).get("/leaderboard/board?model=x")).text

    assert all(frame.startswith('<div class="lb"') for frame in frames_in(text))


def test_the_page_holds_no_script_of_its_own(database: Database) -> None:
    seed_votes(database, wins=2)
    page = pages_of(database).page()
    assert page.count("<script") == 1
    assert '<script src="/arena-static/leaderboard.js?' in page
    assert "<style" not in page
    assert not [name for _, names in Tags(page).found for name in names if name.startswith("on")]
