"""What pages of our own templates ask of the sessions behind their requests."""

import hmac
from typing import Protocol

from starlette.datastructures import FormData

from arena.domain.accounts import Caller
from arena.domain.errors import ArenaError, Refusal
from arena.web.http.access import HasCookies


class Sessions(Protocol):
    """Who is behind a request."""

    def caller(self, request: HasCookies | None) -> Caller | None:
        """Return the account of the request's session. Blocking."""
        ...

    def sign_out_token(self, request: HasCookies) -> str:
        """Return what a request to end the session must bring along; empty without a session."""
        ...


def require_token(form: FormData, token: str) -> None:
    """Raise `ArenaError(OTHER_SESSION)` for a form that was not made for this session.

    `token` is what its pages were told by `Sessions.sign_out_token`.
    """
    sent = form.get("token")
    given = sent if isinstance(sent, str) else ""
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise ArenaError(Refusal.OTHER_SESSION)
