"""People whom a crowd platform sends: the parameters of the address open their session."""

from typing import Protocol
from urllib.parse import parse_qs, quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.types import Scope

from arena.domain.accounts import Caller
from arena.domain.evaluation import NothingToJudge
from arena.services.accounts import Accounts
from arena.services.campaigns.evaluation.crowds import Arrival, Crowds, Parameters
from arena.web.common.texts import Texts
from arena.web.http.access import Access
from arena.web.http.client_address import client_address
from arena.web.http.rate_limit import RateLimit
from arena.web.http.refused import refused

_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


class Arrivals(Protocol):
    """Lets in whom the address of the evaluation page identifies."""

    def arrived(self, request: Request) -> Response | None:
        """Return a redirect, with a session if there is a place, or None for everybody else.

        Blocking. Raises `ArenaError` for an address that is not proper, and for a closed account.
        """
        ...


class _NoArrivals:
    def arrived(self, request: Request) -> None:
        """Return None."""


NO_ARRIVALS: Arrivals = _NoArrivals()
"""No crowd comes."""


class CrowdArrivals:
    """People of crowds. Redirects leave out the parameters, so that no history keeps them.

    `limit` bounds the sessions that are opened from one network address: ids can be made up.
    """

    def __init__(
        self,
        crowds: Crowds,
        accounts: Accounts,
        access: Access,
        *,
        limit: RateLimit,
        texts: Texts,
    ) -> None:
        self._crowds = crowds
        self._accounts = accounts
        self._access = access
        self._limit = limit
        self._texts = texts

    def arrived(self, request: Request) -> Response | None:
        """Let a person in; see `Arrivals`."""
        parameters = _parameters(request.scope)
        if not parameters.keys() - {"campaign"}:
            return None
        arrival = self._crowds.arrival(parameters, "".join(parameters.get("campaign", ())[:1]))
        if arrival is None:
            return None
        known, current = self._crowds.known(arrival), self._access.caller(request)
        if known is not None and current is not None and known.id == current.id:
            return _to_campaign(arrival)
        address = client_address(request.scope)
        if wait_s := self._limit.take(address):
            return refused(self._texts, request.scope, "too_many_guests", 429, wait_s=wait_s)
        person = known or self._crowds.admit(arrival)
        if isinstance(person, NothingToJudge):
            return _to_campaign(arrival, why=person)
        return self._session(person, arrival, address)

    def _session(self, person: Caller, arrival: Arrival, address: str) -> Response:
        response = _to_campaign(arrival)
        session = self._accounts.open_session(person, address)
        response.headers["set-cookie"] = self._access.cookie(session.token)
        return response


def _parameters(scope: Scope) -> Parameters:
    query = scope["query_string"].decode("ascii", "replace")
    return parse_qs(query, keep_blank_values=True)


def _to_campaign(arrival: Arrival, *, why: NothingToJudge | None = None) -> Response:
    reason = f"&why={why.value}" if why else ""
    target = f"/evaluate?campaign={quote(arrival.campaign, safe='')}{reason}"
    return RedirectResponse(target, 303, _HEADERS)
