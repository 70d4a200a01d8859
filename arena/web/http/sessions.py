"""What pages of our own templates ask of the sessions behind their requests."""

from typing import Protocol

from arena.domain.accounts import Caller
from arena.web.http.access import HasCookies


class Sessions(Protocol):
    """Who is behind a request."""

    def caller(self, request: HasCookies | None) -> Caller | None:
        """Return the account of the request's session. Blocking."""
        ...

    def sign_out_token(self, request: HasCookies) -> str:
        """Return what a request to end the session must bring along; empty without a session."""
        ...
