"""Host names that the arena answers to: a defence against DNS rebinding.

Without it, a page of `evil.example` whose name is then pointed at 127.0.0.1 has, to the browser,
the same origin as the arena, and can do whatever its user can do.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.web.common.texts import Texts
from arena.web.http.refused import refused

ANY_NAME = "*"


class AllowedHosts:
    """ASGI middleware: refuses requests with any other host name.

    `localhost` and loopback addresses are always allowed; other literal addresses where the arena
    listens to other machines (`addresses`): a literal address involves no name that could be
    rebound. `names` lists further names; `*` among them allows all.
    """

    def __init__(
        self, app: ASGIApp, *, names: Collection[str], addresses: bool, texts: Texts
    ) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)
        self._addresses = addresses
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or answer 421. A proxy's `X-Forwarded-Host` must be allowed too.

        A request without any name, as some probes send it, is none of a browser.
        """
        if scope["type"] == "http" and not self._asked_by_our_name(Headers(scope=scope)):
            await refused(self._texts, scope, "host", 421)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _asked_by_our_name(self, headers: Headers) -> bool:
        asked = headers.getlist("host")
        forwarded = [
            part.strip()
            for value in headers.getlist("x-forwarded-host")
            for part in value.split(",")
        ]
        return len(asked) <= 1 and all(self._is_ours(host) for host in (*asked, *forwarded))

    def _is_ours(self, host: str) -> bool:
        name = _name(host)
        if name is None:
            return False
        if ANY_NAME in self._names or name in self._names or name == "localhost":
            return True
        address = _address(name)
        return address is not None and (address.is_loopback or self._addresses)


def _name(host: str) -> str | None:
    """Return the host without its port, in lower case; None where the header makes no sense."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    plain = parts.netloc == host and not parts.username and not parts.password
    return parts.hostname.rstrip(".") if plain and parts.hostname else None


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None
