"""Security headers on every response, and refusal of requests that another site made."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.web.common.texts import Texts
from arena.web.http.refused import refused

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "worker-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)

PLAIN_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
"""For pages of our own templates: no script but our files. Bars have their widths in the page."""

_POLICY = "content-security-policy"

HEADERS = {
    _POLICY: CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}

_PLAIN = {_POLICY: PLAIN_PAGE_POLICY}

_USUAL_PORTS = {"http": ":80", "https": ":443"}
"""Browsers leave these out of an origin; some proxies put them into `Host`."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Protection:
    """ASGI middleware; streams pass through untouched."""

    def __init__(self, app: ASGIApp, *, texts: Texts) -> None:
        self._app = app
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse cross-site writes; every response gets the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                plain = headers.get(_POLICY) == PLAIN_PAGE_POLICY
                headers.update(HEADERS | _PLAIN if plain else HEADERS)
            await send(message)

        if scope["method"] not in _SAFE_METHODS and _from_another_site(Headers(scope=scope)):
            response = refused(self._texts, scope, "other_site", 403)
            await response(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)


def _from_another_site(headers: Headers) -> bool:
    """Browsers send one of these with every write; a program that sends neither has no cookies."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return False
    parts = urlsplit(origin)
    usual = _USUAL_PORTS.get(parts.scheme, "")
    hosts = {headers.get("host"), headers.get("x-forwarded-host")}
    return parts.netloc not in {host.removesuffix(usual) for host in hosts if host}
