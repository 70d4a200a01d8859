"""Nobody reads or leaves a file: every event and every route of Gradio, as the server has them."""

import asyncio
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from fastapi import FastAPI
from gradio.context import LocalContext
from gradio.exceptions import InvalidPathError
from gradio.processing_utils import _check_allowed
from gradio.routes import App
from starlette.routing import Mount, Route

from tests.e2e.bestiary import bestiary
from tests.e2e.in_process import InProcess, in_process
from tests.e2e.serving import ADMIN_PASSWORD

SECRET = "the-ledger-is-in-here"
HTML = {"accept": "text/html"}
CALLERS = ("nobody", "guest", "admin")
NEEDED = {
    ("GET", "/"),
    ("HEAD", "/"),
    ("GET", "/config"),
    ("GET", "/favicon.ico"),
    ("GET", "/theme.css"),
    ("GET", "/assets/{path:path}"),
    ("GET", "/static/{path:path}"),
    ("GET", "/gradio_api/app_id"),
    ("GET", "/gradio_api/heartbeat/{session_hash}"),
    ("GET", "/gradio_api/queue/data"),
    ("POST", "/gradio_api/queue/join"),
}
"""All that our pages ask Gradio for. The rest of its routes must not be there."""


@dataclass(frozen=True)
class Served:
    """A running application, its temporary folder, and a file that it must not give away."""

    running: InProcess
    secret: Path
    temporary: Path

    def apps(self) -> dict[str, App]:
        """Gradio's applications by the path that they are mounted at."""
        return {
            route.path: route.app
            for route in self.running.app.routes
            if isinstance(route, Mount) and isinstance(route.app, App)
        }

    @contextmanager
    def client(self, caller: str) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.running.address, trust_env=False, timeout=30) as client:
            if caller == "guest":
                client.get("/", headers=HTML).raise_for_status()
            elif caller == "admin":
                client.post("/login", data={"name": "admin", "password": ADMIN_PASSWORD})
            assert (caller == "nobody") == (not client.cookies)
            yield client

    def copies(self) -> list[Path]:
        """Files of the temporary folder that hold the secret."""
        files = [path for path in self.temporary.rglob("*") if path.is_file()]
        return [path for path in files if SECRET.encode() in path.read_bytes()]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("files")
    secret, temporary = folder / "secret.txt", folder / "temporary"
    secret.write_text(SECRET, encoding="utf-8")
    temporary.mkdir()
    with pytest.MonkeyPatch.context() as process:
        process.setenv("GRADIO_TEMP_DIR", str(temporary))
        with in_process(folder, bestiary()) as running:
            yield Served(running, secret, temporary)


def smuggled(path: Path) -> list[Any]:
    """A file where a text is expected, in every wrapping."""
    file = {"path": str(path), "meta": {"_type": "gradio.FileData"}}
    return [
        file,
        {**file, "url": f"file://{path}", "orig_name": "a.txt", "is_stream": True},
        {"path": str(path)},
        [file],
        [[{"deeper": file}]],
        {"text": "hello", "files": [file]},
    ]


def bodies(event: dict[str, Any], payload: Any) -> Iterator[dict[str, Any]]:
    """The payload at every place of one event; an event without inputs has one too many."""
    places = max(1, len(event["inputs"]))
    common = {"fn_index": event["id"], "session_hash": secrets.token_hex(6), "trigger_id": None}
    for place in range(places):
        data = [payload if place == position else None for position in range(places)]
        yield {**common, "data": data, "event_data": None}
    yield {**common, "data": [None] * len(event["inputs"]), "event_data": payload}


def heard(client: httpx.Client, app: str, joined: httpx.Response, session: str) -> str:
    """All that an accepted event says."""
    if joined.status_code != httpx.codes.OK:
        return joined.text
    return client.get(f"{app}/gradio_api/queue/data", params={"session_hash": session}).text


def test_an_app_is_mounted_at_each_of_the_two_places(served: Served) -> None:
    assert set(served.apps()) == {"", "/admin"}


@pytest.mark.parametrize("caller", CALLERS)
def test_no_event_of_any_page_takes_a_file(served: Served, caller: str) -> None:
    tried = 0
    with served.client(caller) as client:
        for path, app in served.apps().items():
            for event in app.get_blocks().config["dependencies"]:
                for payload in smuggled(served.secret):
                    for body in bodies(event, payload):
                        joined = client.post(f"{path}/gradio_api/queue/join", json=body)
                        said = heard(client, path, joined, body["session_hash"])
                        assert served.copies() == [], (path, event["id"], payload)
                        assert SECRET not in said
                        assert "/file=" not in said
                        tried += 1
    assert tried > 400


@pytest.mark.parametrize("caller", CALLERS)
def test_an_event_with_an_object_where_a_text_belongs_is_refused_before_gradio_sees_it(
    served: Served, caller: str
) -> None:
    with served.client(caller) as client:
        for path in served.apps():
            for payload in smuggled(served.secret):
                body = {"data": [payload], "fn_index": 0, "session_hash": "abcdef"}
                joined = client.post(f"{path}/gradio_api/queue/join", json=body)
                assert joined.status_code == 400
                assert "text" in joined.json()["detail"]


def test_behind_the_gate_gradio_itself_refuses_every_path(served: Served) -> None:
    """Its check is skipped where no app is known, and for apps that were never launched."""
    left = served.temporary / "left.txt"
    left.write_text("there", encoding="utf-8")
    paths = [served.secret, left, Path("/proc/self/environ"), Path(__file__)]
    for app in served.apps().values():
        known = LocalContext.blocks.set(app.get_blocks())
        try:
            for path, uploaded in product(paths, (True, False)):
                with pytest.raises(InvalidPathError):
                    _check_allowed(path, check_in_upload_folder=uploaded)
        finally:
            LocalContext.blocks.reset(known)


def routes(app: App) -> Iterator[tuple[str, str]]:
    """Method and path pattern of everything that a Gradio app answers to."""
    for route in flat(app.routes):
        for method in sorted(route.methods or {"GET"}):
            yield method, route.path


def untouched_gradio() -> App:
    """An app of Gradio with all that it answers to; ours have lost most of it."""

    async def made() -> App:
        with gr.Blocks(analytics_enabled=False) as blocks:
            pass
        app = gr.mount_gradio_app(FastAPI(), blocks, "/", ssr_mode=False)
        mounted = app.routes[-1].app
        assert isinstance(mounted, App)
        return mounted

    return asyncio.run(made())


def flat(found: Any) -> Iterator[Route]:
    for route in found:
        if isinstance(route, Route):
            yield route
        inner = getattr(route, "routes", None) or getattr(
            getattr(route, "original_router", None), "routes", None
        )
        if inner:
            yield from flat(inner)


def filled(pattern: str, file: Path) -> str:
    """An address that the pattern matches; a path is that of a file."""
    text = re.sub(r"\{[a-z_]+:path\}", str(file), pattern)
    return re.sub(r"\{[a-z_]+\}", "0", text)


@pytest.mark.parametrize("caller", CALLERS)
def test_gradio_answers_to_nothing_that_our_pages_do_not_need(served: Served, caller: str) -> None:
    tried = set()
    known = set(routes(untouched_gradio()))
    assert len(known) > 50, "Gradio's routes are found some other way now"
    with served.client(caller) as client:
        for path in served.apps():
            for method, pattern in known - NEEDED:
                if path == "" and (pattern.rstrip("/") in {"/login", "/logout"}):
                    continue  # ours come first
                address = path + filled(pattern, served.secret)
                if method == "POST":
                    answer = client.post(address, json={"data": [], "session_hash": "a"})
                else:
                    answer = client.request(method, address, follow_redirects=False)
                assert answer.status_code == 404, (method, address, answer.status_code)
                assert SECRET not in answer.text
                tried.add((method, pattern))
    assert ("GET", "/gradio_api/file={path_or_url:path}") in tried
    assert ("POST", "/gradio_api/upload") in tried


@pytest.mark.parametrize("app", ["", "/leaderboard", "/admin"])
def test_no_file_can_be_left(served: Served, app: str) -> None:
    with served.client("admin") as client:
        files = {"files": ("left.txt", b"left behind")}
        for route in ("upload", "component_server", "component_server/", "process_recording"):
            answer = client.post(f"{app}/gradio_api/{route}", files=files)
            assert answer.status_code == 404
        assert client.get(f"{app}/gradio_api/upload_progress?upload_id=1").status_code == 404
        page = client.get(f"{app}/?deep_link=../secret", headers=HTML)
        assert SECRET not in page.text
    left = [path for path in served.temporary.rglob("*") if path.is_file()]
    assert [path for path in left if b"left behind" in path.read_bytes()] == []
