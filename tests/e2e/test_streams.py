"""What a server sends, through the whole arena: what is stored, and what the admin reads."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from tests.e2e.driver import HttpAnnotator
from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena, serving
from tests.fakes.openai_server import (
    DONE,
    Answer,
    FakeOpenAIServer,
    Step,
    chunk,
    error,
    fake_openai_server,
)

STOP = chunk(finish="stop")
HALF, OTHER_HALF = "\\ud83d", "\\ude00"
GOOD = Answer([chunk("A good answer."), STOP, DONE])


@contextmanager
def in_thread() -> Iterator[FakeOpenAIServer]:
    """A server on an event loop of its own, which goes on while the test waits."""
    ready, found = Event(), list[tuple[FakeOpenAIServer, asyncio.AbstractEventLoop]]()
    ending: list[asyncio.Event] = []

    async def serve() -> None:
        async with fake_openai_server(lambda _: GOOD) as server:
            ending.append(asyncio.Event())
            found.append((server, asyncio.get_running_loop()))
            ready.set()
            await ending[0].wait()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(30)
    ((server, loop),) = found
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(ending[0].set)
        thread.join()


@pytest.fixture(scope="module")
def server() -> Iterator[FakeOpenAIServer]:
    with in_thread() as started:
        yield started


@pytest.fixture(scope="module")
def arena(
    server: FakeOpenAIServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedArena]:
    """One model behind the server, and one that always answers."""
    far = {"name": "Far", "backend": "openai", "base_url": server.base_url, "model": "far-1"}
    quick = scripted_model("Near", "A near answer.", script={"tokens_per_second": 20_000.0})
    with serving(tmp_path_factory.mktemp("streams"), catalog(far=far, near=quick)) as served:
        yield served


@pytest.fixture
def annotator(arena: ServedArena, server: FakeOpenAIServer) -> Iterator[HttpAnnotator]:
    """Somebody with an empty page; the server answers well again at the end."""
    with HttpAnnotator(arena.address) as ada:
        ada.load()
        yield ada
    server.respond = lambda _: GOOD


def escaped(*pieces: str) -> Answer:
    """Pieces of text as a server writes them that escapes what is not ASCII."""
    deltas = [f'data: {{"choices": [{{"delta": {{"content": "{p}"}}}}]}}\n\n' for p in pieces]
    return Answer([*(delta.encode() for delta in deltas), STOP, DONE])


def said(*pieces: str) -> Answer:
    return Answer([*map(chunk, pieces), STOP, DONE])


def newest_reply(arena: ServedArena) -> tuple[str, str, str]:
    """Text, reasoning and end of the far model's last reply."""
    (row,) = arena.rows(
        "SELECT text, reasoning, finish_reason FROM replies JOIN models ON models.id = model_id "
        "WHERE models.key = 'far' ORDER BY replies.id DESC LIMIT 1"
    )
    return row


def admin_page(arena: ServedArena) -> str:
    with HttpAnnotator(arena.address) as admin:
        admin.http.post("/login", data={"name": "admin", "password": ADMIN_PASSWORD})
        return admin.in_app("/admin").fire("load").text("overview")


@pytest.mark.parametrize(
    ("answer", "text", "reasoning"),
    [
        (escaped(HALF, OTHER_HALF), "\N{GRINNING FACE}", ""),
        (escaped("a" + HALF, "b"), "a\ufffdb", ""),
        (escaped(OTHER_HALF), "\ufffd", ""),
        (said("hm</think>Four."), "Four.", "hm"),
        (said(*"<think>hm</think>Four."), "Four.", "hm"),
        (said("<reasoning>hm</reasoning><answer>Four.</answer>"), "Four.", "hm"),
        (Answer([chunk("x", "END_TURN"), DONE]), "x", ""),
    ],
)
def test_an_answer_is_stored_as_it_was_meant(
    arena: ServedArena,
    server: FakeOpenAIServer,
    annotator: HttpAnnotator,
    answer: Answer,
    text: str,
    reasoning: str,
) -> None:
    server.respond = lambda _: answer
    view = annotator.fire("send", prompt="What is 2 + 2?").text("view")
    assert newest_reply(arena) == (text, reasoning, "stop")
    assert "hm" not in view
    assert annotator.fire("vote-tie").revealed


def test_half_a_character_in_a_prompt_keeps_nobody_from_sending(
    arena: ServedArena, annotator: HttpAnnotator
) -> None:
    annotator.fire("send", prompt="Why\ud83d?")
    assert arena.value("SELECT prompt FROM turns ORDER BY rowid DESC LIMIT 1") == "Why\ufffd?"
    assert annotator.fire("vote-tie").revealed


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (
            [chunk(reasoning_content="hm"), chunk(finish="length"), DONE],
            "was spent on reasoning: raise max_new_tokens",
        ),
        ([chunk("x"), DONE], "the stream ended without a finish reason"),
        ([chunk("x", "SAFETY"), DONE], "content filter ended the reply"),
    ],
)
def test_a_void_battle_tells_the_admin_why_and_the_annotator_nothing(
    arena: ServedArena,
    server: FakeOpenAIServer,
    annotator: HttpAnnotator,
    steps: list[Step],
    sentence: str,
) -> None:
    server.respond = lambda _: Answer(steps)
    view = annotator.fire("send", prompt="Why?").text("view")
    assert "does not count" in view
    assert sentence not in view
    assert newest_reply(arena)[2] == "error"
    assert sentence in admin_page(arena)
    server.respond = lambda _: GOOD
    annotator.fire("retry")
    assert annotator.fire("vote-tie").revealed
    assert sentence not in admin_page(arena)


def test_control_tokens_stay_in_an_answer_and_are_counted_for_the_admin(
    arena: ServedArena, server: FakeOpenAIServer, annotator: HttpAnnotator
) -> None:
    server.respond = lambda _: said("Yes.<|im_", "end|>")
    annotator.fire("send", prompt="Why?")
    assert newest_reply(arena)[0] == "Yes.<|im_end|>"
    page = admin_page(arena)
    assert "Control tokens of a chat template in 1 answer" in page
    assert "<|im_end|>. The template does not fit the model" in page


def test_three_broken_replies_take_a_model_out_until_it_has_answered_a_short_chat(
    arena: ServedArena, server: FakeOpenAIServer, annotator: HttpAnnotator
) -> None:
    server.respond = lambda _: error(402, "Insufficient credits")
    for _ in range(3):
        assert "does not count" in annotator.fire("send", prompt="Why?").text("view")
    assert annotator.fire("send", prompt="Why?").refusal
    page = admin_page(arena)
    assert "failed" in page
    assert "takes part again after a good reply to a short chat" in page
    assert "HTTP 402: Insufficient credits" in page
    assert "failures in a row" in page
    server.respond = lambda _: GOOD
    arena.await_answer("/readyz", 200)
    assert server.requests[-1]["messages"][-1]["content"].startswith("Please say hello")
    assert "Insufficient credits" not in admin_page(arena)
    annotator.fire("send", prompt="Why?")
    assert annotator.fire("vote-tie").revealed
