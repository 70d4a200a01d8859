"""Large forms are read from admins alone, up to their limit."""

from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from arena.services.accounts import Accounts, NewSession
from arena.storage.database import Database
from arena.web.admin.upload_door import UploadDoor
from arena.web.common.texts import load_texts
from arena.web.http.access import COOKIE, Access
from arena.web.http.body_limit import CAMPAIGN_BYTES, FORM_BYTES, LARGE_FORMS, limit_of
from tests.fakes.clock import VirtualClock
from tests.fakes.passwords import CHEAP_PASSWORDS

CHECK = "/admin/campaigns/check"


class Hall:
    """An application behind the door, which tells how much it was sent."""

    def __init__(self, database: Database) -> None:
        self.accounts = Accounts(
            database, VirtualClock(), session_length=timedelta(hours=1), passwords=CHEAP_PASSWORDS
        )
        self.accounts.set_admin_password("long enough")
        access = Access(self.accounts, open_annotators=True, secure=False)
        routes = [Route(path, _length, methods=["GET", "POST"]) for path in (*LARGE_FORMS, "/vote")]
        app = UploadDoor(Starlette(routes=routes), access=access, texts=load_texts())
        self.client = TestClient(app)

    def post(self, path: str, session: NewSession | None) -> tuple[int, str]:
        cookies = {COOKIE: session.token} if session else {}
        self.client.cookies.update(cookies)
        answer = self.client.post(path, content=b"x" * 100)
        self.client.cookies.clear()
        return answer.status_code, answer.text


async def _length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.mark.parametrize("path", LARGE_FORMS)
def test_an_admin_sends_large_forms_and_nobody_else(database: Database, path: str) -> None:
    hall = Hall(database)
    admin = hall.accounts.log_in("admin", "long enough")
    guest = hall.accounts.open_guest_session()

    assert hall.post(path, admin) == (200, "100")
    assert hall.post(path, guest)[0] == 403
    status, said = hall.post(path, None)
    assert status == 401
    assert "Only an admin may send this form." in said


def test_other_forms_pass(database: Database) -> None:
    assert Hall(database).post("/vote", None) == (200, "100")


def test_only_these_forms_may_be_large() -> None:
    assert limit_of(CHECK, prompt_characters=1000) > CAMPAIGN_BYTES
    assert limit_of("/admin/campaigns/open", prompt_characters=1000) == FORM_BYTES
    assert limit_of("/admin/people/renew", prompt_characters=1000) == FORM_BYTES
