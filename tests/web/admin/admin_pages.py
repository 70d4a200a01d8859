"""The admin's plain pages over HTTP, on a real database, as an admin, an annotator or nobody."""

import re
from collections.abc import Mapping
from html import unescape

from fastapi import APIRouter, FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from arena.domain.accounts import Caller
from arena.web.admin.frame import AdminDoor
from arena.web.common.texts import load_texts
from arena.web.http.access import HasCookies

TOKEN = "the-session's-own"
HTML = {"accept": "text/html"}
_TAGS = re.compile(r"<[^>]*>")


class SignedIn:
    """Sessions of one account, or of nobody."""

    def __init__(self, caller: Caller | None) -> None:
        self._caller = caller

    def caller(self, request: HasCookies | None) -> Caller | None:
        """Return the account."""
        return self._caller

    def sign_out_token(self, request: HasCookies) -> str:
        """Return what forms bring along."""
        return TOKEN


def door_of(caller: Caller | None) -> AdminDoor:
    """Return the way in for an account."""
    return AdminDoor(SignedIn(caller), load_texts())


def visiting(router: APIRouter, language: str = "en") -> TestClient:
    """Return a browser on routes; it follows no redirect."""
    app = FastAPI()
    app.include_router(router)
    headers = {"accept-language": language, **HTML}
    return TestClient(app, headers=headers, follow_redirects=False)


def sent(client: TestClient, address: str, **fields: str) -> Response:
    """Send a form of the page."""
    return client.post(address, data={"token": TOKEN, **fields})


def said(page: Response) -> str:
    """Return the text of a page."""
    return unescape(re.sub(r"\s+", " ", _TAGS.sub(" ", page.text))).strip()


def hidden(page: Response, name: str) -> str:
    """Return the value of a page's first hidden field of this name."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', page.text)
    assert found is not None, f"no hidden field {name}"
    return unescape(found[1])


def cells(page: Response) -> list[Mapping[str, str]]:
    """Return the rows of a page's first table by head."""
    table = re.search(r"<table.*?</table>", page.text, re.DOTALL)
    assert table is not None, "no table"
    heads = [_plain(one) for one in re.findall(r'<th scope="col".*?</th>', table[0], re.DOTALL)]
    body = re.search(r"<tbody>.*?</tbody>", table[0], re.DOTALL)
    assert body is not None
    return [
        dict(zip(heads, map(_plain, re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)), strict=True))
        for row in re.findall(r"<tr.*?</tr>", body[0], re.DOTALL)
    ]


def _plain(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", _TAGS.sub(" ", html))).strip()
