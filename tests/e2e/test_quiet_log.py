"""Nothing that a guest sends makes the server print more than lines of its own log."""

import json
import re
import secrets
from collections.abc import Iterator
from itertools import product
from typing import Any

import httpx
import pytest

from tests.e2e.driver import HttpAnnotator
from tests.e2e.serving import ServedArena

ODD = (None, True, 7, "", "nonsense", "\ud83d", ["nonsense"], [None], ["correct", "correct"])


def odd_bodies(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every odd value at every place of an event, and one place too few and too many."""
    places = len(event["inputs"])
    usual: list[Any] = [None] * places
    wrong = [
        [*usual[:place], value, *usual[place + 1 :]] for value in ODD for place in range(places)
    ]
    for data in (*wrong, [*usual, None], usual[1:]):
        session = secrets.token_hex(6)
        yield {"data": data, "fn_index": event["id"], "session_hash": session, "trigger_id": None}


def test_no_value_of_an_event_makes_a_traceback(arena: ServedArena) -> None:
    before = len(arena.output)
    taken = 0
    with HttpAnnotator(arena.address) as guest:
        for event in guest.http.get("/config").json()["dependencies"]:
            for body in odd_bodies(event):
                joined = guest.http.post(
                    "/gradio_api/queue/join",
                    content=json.dumps(body),
                    headers={"content-type": "application/json"},
                )
                assert joined.status_code in {200, 400}, joined.text
                if joined.status_code == httpx.codes.OK:
                    said = messages(guest.http, body["session_hash"])
                    assert '"success":true' in said, (event["id"], body["data"], said)
                    taken += 1
    assert taken
    assert tracebacks(arena.output[before:]) == []


def messages(client: httpx.Client, session: str) -> str:
    return client.get("/gradio_api/queue/data", params={"session_hash": session}).text


def test_waiting_for_messages_of_nobody_makes_no_traceback(arena: ServedArena) -> None:
    before = len(arena.output)
    with HttpAnnotator(arena.address) as guest:
        answer = guest.http.get("/gradio_api/queue/data", params={"session_hash": "unknown"})
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert tracebacks(arena.output[before:]) == []


@pytest.mark.parametrize("path", ["/leaderboard", "/leaderboard/board"])
def test_no_address_of_a_board_makes_a_traceback(arena: ServedArena, path: str) -> None:
    before = len(arena.output)
    fields = ("tab", "model", "campaign", "category", "language", "group", "since", "until")
    values = ("", "nonsense", "%00", "%ff%fe", "%ED%A0%BD", "9999-12-31", "%25", "x" * 2000)
    with HttpAnnotator(arena.address) as guest:
        for field, value in product((*fields, "among", "flagged", "without", "odd[]"), values):
            answer = guest.http.get(f"{path}?{field}={value}&{field}={value}")
            assert answer.status_code in {200, 400, 403}, (field, value, answer.text)
            assert 'class="lb"' in answer.text
    assert tracebacks(arena.output[before:]) == []


def test_a_reader_who_leaves_a_board_makes_no_traceback(arena: ServedArena) -> None:
    before = len(arena.output)
    with HttpAnnotator(arena.address) as guest:
        for _ in range(5):
            with guest.http.stream("GET", "/leaderboard/board") as stream:
                next(stream.iter_bytes())
        assert guest.http.get("/leaderboard/board").status_code == httpx.codes.OK
    assert tracebacks(arena.output[before:]) == []


def tracebacks(output: str) -> list[str]:
    return re.findall(r"Traceback[^\n]*\n(?:[^\n]*\n){0,40}", output)
