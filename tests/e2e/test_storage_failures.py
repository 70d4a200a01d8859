"""A disk that is full, a file that is gone, a second server: what is read, and true after."""

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from arena.storage.saved_copies import saved_copies
from tests.e2e.browsing import Complaints
from tests.e2e.conftest import Serve, Tab
from tests.e2e.driver import HttpAnnotator
from tests.e2e.quick import quick, votes
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena, free_port, serving


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedArena]:
    """What is done to this one is made good again."""
    with serving(tmp_path_factory.mktemp("mended"), quick()) as served:
        yield served


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[ServedArena]:
    """One whose database is of no use afterwards."""
    with serving(tmp_path / "doomed", quick()) as served:
        yield served


def status(arena: ServedArena, path: str = "/readyz") -> int:
    answer = httpx.get(f"{arena.address}{path}", headers={"accept": "text/html"}, trust_env=False)
    return answer.status_code


def vote(annotator: HttpAnnotator, prompt: str) -> str:
    """The sentence that says why the vote was not taken; empty if the models were named."""
    annotator.fire("send", prompt=prompt)
    outcome = annotator.fire("vote-tie")
    assert outcome.succeeded
    assert outcome.revealed is not bool(outcome.refusal)
    return outcome.refusal


@pytest.mark.parametrize("replaced", [False, True])
def test_a_vote_on_a_lost_database_is_refused_and_no_earlier_one_is_gone(
    doomed: ServedArena, tmp_path: Path, replaced: bool
) -> None:
    with HttpAnnotator(doomed.address) as annotator:
        annotator.load()
        assert [vote(annotator, f"Why {number}?") for number in range(3)] == [""] * 3
        assert status(doomed) == 200
        annotator.fire("send", prompt="And now?")
        if replaced:
            twin = tmp_path / "twin"
            with closing(sqlite3.connect(twin)) as copy:
                copy.execute("CREATE TABLE empty (nothing_at_all)")
            twin.replace(doomed.database)
        else:
            doomed.database.unlink()
        assert "NOT saved" in annotator.fire("vote-tie").refusal
        assert "cannot store anything" in annotator.fire("send", prompt="Hello?").refusal
    doomed.await_answer("/readyz", 503)
    doomed.stop()
    (copy_of_all,) = saved_copies(doomed.database)
    assert votes(copy_of_all) == 3


@contextmanager
def full_disk(arena: ServedArena) -> Iterator[None]:
    """The kernel refuses the server's writes beyond the first bytes of a file."""
    before = resource.prlimit(arena.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(arena.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(arena.pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.browser
def test_a_vote_that_cannot_be_saved_is_tried_again_and_counted_once(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena).open()
    tab.complete("Why?")
    before = votes(arena.database)
    with full_disk(arena):
        tab.element("vote-tie").click()
        trying = tab.element("refusal").locator(".trying")
        expect(trying).to_contain_text("not saved yet")
        tab.expect_no_votes()
        expect(tab.element("reveal-a").locator("article")).to_have_count(0)
    tab.expect_revealed()
    expect(trying).to_have_count(0)
    assert votes(arena.database) == before + 1


@pytest.mark.browser
@pytest.mark.parametrize(
    ("locale", "sentence"), [("en-GB", "cannot be reached"), ("zh-CN", "无法连接到竞技场")]
)
def test_without_a_server_the_dock_says_so_in_the_pages_language_and_the_draft_stays(
    serve: Serve, open_tab: Tab, complaints: list[Complaints], locale: str, sentence: str
) -> None:
    arena = serve("gone", quick())
    tab = open_tab(arena, locale=locale).open()
    complaints[0].expect("ERR_CONNECTION_REFUSED")
    complaints[0].expect(".")
    tab.complete("Why?")
    arena.kill()
    tab.prompt.fill("half a thought")
    tab.element("vote-tie").click()
    expect(tab.element("view").locator(".announcement")).to_contain_text(sentence)
    expect(tab.page.get_by_test_id("toast-body")).to_be_hidden()
    tab.expect_no_votes()
    expect(tab.element("send")).to_be_disabled()
    arena.start()
    tab.expect_complete()
    expect(tab.prompt).to_have_value("half a thought")
    assert tab.page.evaluate("sessionStorage.length") == 0
    tab.element("vote-tie").click()
    tab.expect_revealed()


def test_on_a_full_disk_everything_says_so_and_goes_on_when_there_is_room(
    arena: ServedArena,
) -> None:
    with HttpAnnotator(arena.address) as annotator:
        annotator.load()
        annotator.fire("send", prompt="Why?")
        with full_disk(arena):
            newcomer = httpx.get(
                f"{arena.address}/",
                headers={"accept": "text/html", "accept-language": "zh"},
                trust_env=False,
            )
            assert newcomer.status_code == 503
            assert "目前无法保存数据" in newcomer.text
            assert "NOT saved" in annotator.fire("vote-tie").refusal
            sent = annotator.fire("send", prompt="What else?")
            assert sent.succeeded
            assert "cannot store anything" in sent.refusal
            arena.await_answer("/readyz", 503)
        assert annotator.fire("vote-tie").revealed
        assert vote(annotator, "And now?") == ""
        arena.await_answer("/readyz", 200)
    assert status(arena, "/") == 200


def test_a_turn_on_a_full_disk_is_void_and_the_admin_reads_why(arena: ServedArena) -> None:
    with HttpAnnotator(arena.address) as annotator, HttpAnnotator(arena.address) as admin:
        admin.http.post("/login", data={"name": "admin", "password": ADMIN_PASSWORD})
        with closing(sqlite3.connect(arena.database)) as other, other:
            other.execute(
                "CREATE TRIGGER no BEFORE INSERT ON replies "
                "BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
        sent = annotator.fire("send", prompt="Why?")
        assert "Your prompt is kept" in sent.text("view")
        assert sent.outputs["first-prompt"]["prompts"][0]["text"] == "Why?"
        newest = "SELECT state FROM battles ORDER BY created_at DESC LIMIT 1"
        assert arena.value(newest) == "void"
        page = admin.in_app("/admin").fire("load").text("overview")
        assert "A turn could not be stored" in page
        assert "no room" in page
        with closing(sqlite3.connect(arena.database)) as other, other:
            other.execute("DROP TRIGGER no")
        assert vote(annotator, "Why?") == ""


def second(arena: ServedArena, port: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "arena", "serve", "--port", str(port), "--models"]
    command += [str(arena.database.parent / "models.yaml"), *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
        cwd=arena.database.parent,
    )


def test_a_second_server_is_refused_before_it_touches_the_first_ones_battles(
    arena: ServedArena,
) -> None:
    with HttpAnnotator(arena.address) as annotator:
        annotator.load()
        annotator.fire("send", prompt="Why?")
        done = second(arena, free_port(), "--database-url", f"sqlite:///{arena.database.name}")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert f"process {arena.pid} on" in done.stderr
        assert annotator.fire("vote-tie").revealed


def test_a_port_in_use_is_said_before_any_address_is_given_and_makes_nothing(
    arena: ServedArena,
) -> None:
    url = f"sqlite:///{arena.database.parent}/other/arena.sqlite3"
    done = second(arena, arena.port, "--database-url", url)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"cannot listen on 127.0.0.1:{arena.port}: another program does" in done.stderr
    assert not (arena.database.parent / "other").exists()
