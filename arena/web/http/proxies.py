"""What proxies in front say of their clients: believed if the proxy is trusted, else unheard."""

from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.domain.addresses import ANY_ADDRESS

THIS_MACHINE = ("127.0.0.0/8", "::1/128")

_SAID_BY_PROXIES = frozenset(
    {
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-prefix",
        b"x-forwarded-proto",
        b"x-real-ip",
    }
)
_SCHEMES = frozenset({"http", "https"})

_Address = IPv4Address | IPv6Address


class Proxies:
    """Which addresses are those of trusted proxies: `networks`, or all with `*` among them."""

    def __init__(self, networks: Collection[str]) -> None:
        self._everybody = ANY_ADDRESS in networks
        self._networks = [ip_network(one) for one in networks if one != ANY_ADDRESS]

    def trust(self, host: str) -> bool:
        """Return whether a proxy has this address."""
        address = _address(host)
        if address is None:
            return self._everybody and bool(host)
        return self._everybody or any(address in network for network in self._networks)

    def client(self, peer: str, forwarded_for: Sequence[str]) -> str:
        """Return who is behind a connection from `peer`: an address, or what `peer` is.

        Each proxy appends the address that it was asked from. So the list is read from its end,
        where trusted proxies have written; the first address that is not one of theirs is the
        client's, and whatever stands before it was written by the client.
        """
        client = peer
        for said in reversed(forwarded_for):
            if not self.trust(client):
                break
            address = _address(said)
            if address is None:
                break
            client = str(address)
        return client


class ProxyHeaders:
    """ASGI middleware: takes the client's address and scheme from a trusted proxy.

    Of everybody else the headers are removed, and `more` with them: what is behind this may
    believe them.
    """

    def __init__(self, app: ASGIApp, *, proxies: Proxies, more: Collection[str] = ()) -> None:
        self._app = app
        self._proxies = proxies
        self._said = _SAID_BY_PROXIES | {name.lower().encode() for name in more}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with what is known of the client."""
        if scope["type"] == "http":
            scope = self._told(scope)
        await self._app(scope, receive, send)

    def _told(self, scope: Scope) -> Scope:
        peer, port = scope.get("client") or ("", 0)
        if not self._proxies.trust(peer):
            kept = [one for one in scope["headers"] if one[0].lower() not in self._said]
            return dict(scope, headers=kept)
        headers = Headers(scope=scope)
        client = self._proxies.client(peer, _listed(headers, "x-forwarded-for"))
        scheme = next(reversed(_listed(headers, "x-forwarded-proto")), "").lower()
        return dict(
            scope,
            client=(client, 0 if client != peer else port),
            scheme=scheme if scheme in _SCHEMES else scope["scheme"],
        )


def _listed(headers: Headers, name: str) -> list[str]:
    values = headers.getlist(name)
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _address(text: str) -> _Address | None:
    """Return the address that a text is; some proxies add the port."""
    host = text.partition("%")[0]
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
