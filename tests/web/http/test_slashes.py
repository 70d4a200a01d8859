"""Addresses of mounted pages without their slash."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from arena.web.http.slashes import slashes_router


@pytest.mark.parametrize("path", ["/admin", "/leaderboard"])
@pytest.mark.parametrize(
    "query", ["", "?tab=ratings&model=a%2Fb&among=x&among=y", "?category=", "?q=%E4%B8%AD"]
)
def test_what_was_asked_for_comes_along_and_no_host_does(path: str, query: str) -> None:
    app = FastAPI()
    app.include_router(slashes_router("/admin", "/leaderboard"))
    client = TestClient(app, headers={"host": "evil.example"}, follow_redirects=False)

    response = client.get(f"{path}{query}")

    assert response.status_code == 307
    assert response.headers["location"] == f"{path}/{query}"
