"""Nothing that a guest sends makes the server print more than lines of its own log."""

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.driver import HttpAnnotator
from tests.e2e.serving import ServedArena

APPS = ("", "/leaderboard")
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


@pytest.mark.parametrize("app", APPS)
def test_no_value_of_an_event_makes_a_traceback(arena: ServedArena, app: str) -> None:
    before = len(arena.output)
    taken = 0
    with HttpAnnotator(arena.address, app=app) as guest:
        for event in guest.http.get(f"{app}/config").json()["dependencies"]:
            for body in odd_bodies(event):
                joined = guest.http.post(
                    f"{app}/gradio_api/queue/join",
                    content=json.dumps(body),
                    headers={"content-type": "application/json"},
                )
                assert joined.status_code in {200, 400}, joined.text
                if joined.status_code == httpx.codes.OK:
                    said = messages(guest.http, app, body["session_hash"])
                    assert '"success":true' in said, (event["id"], body["data"], said)
                    taken += 1
    assert taken
    assert tracebacks(arena.output[before:]) == []


def messages(client: httpx.Client, app: str, session: str) -> str:
    return client.get(f"{app}/gradio_api/queue/data", params={"session_hash": session}).text


@pytest.mark.parametrize("app", APPS)
def test_waiting_for_messages_of_nobody_makes_no_traceback(arena: ServedArena, app: str) -> None:
    before = len(arena.output)
    with HttpAnnotator(arena.address, app=app) as guest:
        answer = guest.http.get(f"{app}/gradio_api/queue/data", params={"session_hash": "unknown"})
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert tracebacks(arena.output[before:]) == []


def tracebacks(output: str) -> list[str]:
    return re.findall(r"Traceback[^\n]*\n(?:[^\n]*\n){0,40}", output)
