"""Probes: nothing about models for the public."""

import httpx
import pytest
from fastapi import FastAPI, Request

from arena.domain.accounts import Caller
from arena.metrics import Family, Metrics
from arena.web.http.health import health_router
from tests.builders import ADMIN, ANNOTATOR

pytestmark = pytest.mark.anyio
TOKEN = "scrape-me"


def app(
    *, ready: bool = True, ending: bool = False, stores: bool = True, token: str | None = TOKEN
) -> FastAPI:
    def caller_of(request: Request) -> Caller | None:
        return {"admin": ADMIN, "annotator": ANNOTATOR}.get(request.headers.get("x-caller", ""))

    metrics = Metrics()
    family = Family(name="arena_model", help="help", labels=("model",), values={("sphinx",): 1.0})
    metrics.expose(lambda: [family])
    built = FastAPI()
    built.include_router(
        health_router(
            ready=lambda: ready,
            ending=lambda: ending,
            stores=lambda: stores,
            metrics=metrics,
            caller_of=caller_of,
            metrics_token=token,
        )
    )
    return built


async def get(built: FastAPI, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(built)
    async with httpx.AsyncClient(transport=transport, base_url="http://arena.test") as client:
        return await client.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize(("ready", "status"), [(True, 200), (False, 503)])
async def test_ready_is_whether_battles_can_start_and_no_number_is_told(
    ready: bool, status: int
) -> None:
    answer = await get(app(ready=ready), "/readyz")
    assert answer.status_code == status
    assert answer.json() == {"status": "ready" if ready else "loading"}


@pytest.mark.parametrize("ready", [True, False])
async def test_an_arena_that_cannot_store_is_not_ready_and_does_not_say_why(ready: bool) -> None:
    answer = await get(app(ready=ready, stores=False), "/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "cannot_store"})


async def test_an_arena_that_ends_is_healthy_and_no_longer_ready() -> None:
    answer = await get(app(ending=True), "/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "ending"})
    assert (await get(app(ending=True), "/healthz")).status_code == 200


async def test_the_page_is_healthy_while_models_load() -> None:
    assert (await get(app(ready=False), "/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_caller": "annotator"},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer "},
        {"authorization": f"Bearer {TOKEN} "},
        {"authorization": f"Basic {TOKEN}x"},
    ],
)
async def test_metrics_are_closed_to_the_public_and_to_annotators(headers: dict[str, str]) -> None:
    answer = await get(app(), "/metrics", **headers)
    assert answer.status_code == 401
    assert "sphinx" not in answer.text


@pytest.mark.parametrize("headers", [{"x_caller": "admin"}, {"authorization": f"Bearer {TOKEN}"}])
async def test_metrics_are_open_to_admins_and_to_the_token(headers: dict[str, str]) -> None:
    answer = await get(app(), "/metrics", **headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'arena_model{model="sphinx"} 1.0' in answer.text


async def test_without_a_token_in_the_settings_no_token_opens_the_metrics() -> None:
    for given in ("Bearer ", "Bearer None", ""):
        answer = await get(app(token=None), "/metrics", authorization=given)
        assert answer.status_code == 401
