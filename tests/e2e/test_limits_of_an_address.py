"""What one address and one person may do, and what is read by whoever has done too much."""

import stat
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from arena.web.http.open_files import ConnectionLimits
from tests.e2e.bestiary import QUICK, bestiary
from tests.e2e.driver import HttpAnnotator
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena

HTML = {"accept": "text/html"}
Serve = Callable[..., ServedArena]


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the strict arena finds room for temporary files."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def strict(serve: Serve, temporary: Path) -> ServedArena:
    return serve(
        "strict",
        bestiary(),
        ARENA_GUESTS_PER_ADDRESS="5/hour",
        ARENA_TURNS_PER_ADDRESS="3/hour",
        ARENA_VOTES_PER_ADDRESS="1/hour",
        ARENA_ALLOWED_HOSTS="arena.example.org",
        ARENA_OPEN_ANNOTATORS="true",
        TMPDIR=str(temporary),
    )


def from_address(arena: ServedArena, address: str) -> HttpAnnotator:
    """Behind a proxy of this machine, which tells whose request it is."""
    annotator = HttpAnnotator(arena.address, cookies=httpx.Cookies())
    annotator.http.headers["x-forwarded-for"] = address
    return annotator


def test_an_address_has_so_many_votes_and_prompts_whoever_is_behind_it(
    strict: ServedArena,
) -> None:
    with from_address(strict, "192.0.2.1") as ada, from_address(strict, "192.0.2.1") as bob:
        for annotator in (ada, bob):
            annotator.load()
            assert annotator.fire("send", prompt=QUICK).refusal == ""
        assert ada.fire("vote-tie").revealed
        before = strict.value("SELECT count(*) FROM votes")

        refused = bob.fire("vote-tie")
        assert "NOT saved" in refused.refusal
        assert not refused.revealed
        assert strict.value("SELECT count(*) FROM votes") == before

        assert bob.fire("retry").refusal != "", "nothing to retry: this does not count"
        assert ada.fire("new-battle").succeeded
        assert ada.fire("send", prompt=QUICK).refusal == ""
        too_many = bob.fire("send", prompt=QUICK)
        assert "Too many prompts" in too_many.refusal

    with from_address(strict, "192.0.2.2") as eve:
        eve.load()
        assert eve.fire("send", prompt=QUICK).refusal == ""
        assert eve.fire("vote-tie").revealed


@pytest.fixture(scope="module")
def slow(serve: Serve) -> ServedArena:
    return serve(
        "slow",
        bestiary(),
        ARENA_TURNS_PER_PERSON="2/hour",
        ARENA_VOTES_PER_PERSON="1/hour",
    )


def test_a_person_has_so_many_votes_and_prompts_wherever_they_are(slow: ServedArena) -> None:
    with from_address(slow, "192.0.2.1") as ada, from_address(slow, "192.0.2.1") as bob:
        ada.load()
        assert ada.fire("send", prompt=QUICK).refusal == ""
        assert ada.fire("vote-tie").revealed
        ada.http.headers["x-forwarded-for"] = "192.0.2.7"
        assert ada.fire("send", prompt=QUICK).refusal == ""

        refused = ada.fire("vote-tie")
        assert "NOT saved" in refused.refusal
        assert not refused.revealed
        too_many = ada.fire("send", prompt=QUICK)
        assert "Your prompt is kept" in too_many.refusal
        assert "prompt" not in too_many.outputs, "the box keeps what it has"

        bob.load()
        assert bob.fire("send", prompt=QUICK).refusal == ""
        assert bob.fire("vote-tie").revealed


def test_guests_of_an_address_end(strict: ServedArena) -> None:
    def come(address: str) -> int:
        headers = {**HTML, "x-forwarded-for": address}
        return httpx.get(f"{strict.address}/", headers=headers, trust_env=False).status_code

    before = strict.value("SELECT count(*) FROM annotators")
    assert [come("192.0.2.9") for _ in range(8)] == [200] * 5 + [429] * 3
    assert [come(f"2001:db8::{n}") for n in range(1, 9)] == [200] * 5 + [429] * 3
    assert strict.value("SELECT count(*) FROM annotators") == before + 10


def test_a_configured_name_is_answered_to(strict: ServedArena) -> None:
    for host, status in (("arena.example.org", 200), ("elsewhere.example.org", 421)):
        answer = httpx.get(f"{strict.address}/healthz", headers={"host": host}, trust_env=False)
        assert answer.status_code == status


def test_guesses_at_the_admins_password_end_and_are_in_the_log(strict: ServedArena) -> None:
    with from_address(strict, "192.0.2.3") as guesser:
        client = guesser.http
        answers = [
            client.post("/login", data={"name": "admin", "password": f"guess {n}"})
            for n in range(14)
        ]
        assert [answer.status_code for answer in answers] == [403] * 10 + [429] * 4
        assert "Wait" in answers[-1].text
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        right = client.post("/login", data={"name": "admin", "password": ADMIN_PASSWORD})
        assert right.status_code == 429
    assert strict.output.count("wrong password for 'admin' from 192.0.2.3") == 10
    assert strict.output.count("refused for") == 1


@pytest.mark.parametrize("path", ["/login", "/admin/gradio_api/queue/join", "/nothing-here"])
def test_a_body_beyond_the_limit_is_refused_on_every_route(arena: ServedArena, path: str) -> None:
    body = b"x" * 2**21
    answer = httpx.post(f"{arena.address}{path}", content=body, trust_env=False)
    assert answer.status_code == 413
    assert "send less" in answer.json()["detail"]


def test_a_served_arena_may_open_as_many_files_as_the_system_lets_it(arena: ServedArena) -> None:
    soft, hard = psutil.Process(arena.pid).rlimit(psutil.RLIMIT_NOFILE)
    assert soft == min(hard, 16_384) or (hard < 0 and soft == 16_384) or soft > 16_384


@pytest.mark.parametrize("files", [1024, 4096, 16_384])
def test_connections_never_take_the_files_that_the_arena_itself_needs(files: int) -> None:
    limits = ConnectionLimits(files)
    assert limits.connections + limits.idle <= files * 3 // 4
    assert limits.requests_of_an_address * 4 <= limits.connections


def test_gradios_temporary_folder_is_its_own_and_goes_with_it(
    strict: ServedArena, temporary: Path
) -> None:
    """The last of this file: the arena is stopped."""
    (folder,) = temporary.glob("arena-*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    strict.stop()
    assert not folder.exists()
