"""What the admin's plain pages have in common: who reads, the frame around them, the way in."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from starlette.datastructures import FormData

from arena.domain.accounts import Caller, require_admin
from arena.domain.errors import NotAllowed, Refusal
from arena.web.common.markup import Words, header
from arena.web.common.static_files import static_address
from arena.web.common.templates import Templates
from arena.web.common.texts import Texts, refusal_sentence
from arena.web.http.security_headers import PLAIN_PAGE_POLICY
from arena.web.http.sessions import Sessions

_rendered = Templates("arena.web.admin").rendered

_HEADERS = {"cache-control": "no-store", "content-security-policy": PLAIN_PAGE_POLICY}
_STYLES = ("header.css", "admin.css")
_SCRIPTS = ("columns.js", "admin.js")
_PLACES = {"overview": "/admin/", "campaigns": "/admin/campaigns", "people": "/admin/people"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminReader:
    """Who reads a page. `token` is what every form sends along: only our pages know it."""

    texts: Words
    language: str
    caller: Caller | None
    token: str

    def page(
        self, template: str, *, here: str, title: str, status: int = 200, **data: object
    ) -> HTMLResponse:
        """Return a page with the body of a template.

        `here` is its place in the menu, to which pages of a lower level have a link.
        """
        texts = self.texts
        body = _rendered(template, texts=texts, token=self.token, title=title, **data)
        html = _rendered(
            "page",
            texts=texts,
            language=self.language,
            title=title,
            styles=[static_address(name) for name in _STYLES],
            scripts=[static_address(name) for name in _SCRIPTS],
            header=header(texts, here="admin", caller=self.caller, sign_out=self.token),
            here=here,
            crumb="" if template == here else _PLACES.get(here, ""),
            menu=menu(texts, here),
            body=body,
        )
        return HTMLResponse(html, status, _HEADERS)


def menu(texts: Words, here: str) -> Markup:
    """Return the links between the admin's pages."""
    labels = {name: texts[f"adminmenu.{name}"] for name in _PLACES}
    title = texts["adminmenu.title"]
    return _rendered("menu", texts=texts, title=title, places=_PLACES, labels=labels, here=here)


@dataclass(frozen=True, slots=True)
class AdminDoor:
    """Lets admins in, and nobody else."""

    sessions: Sessions
    texts: Texts

    def answer(self, request: Request, page: Callable[[AdminReader], Response]) -> Response:
        """Return a page for an admin; others are sent to the sign-in page, or refused."""
        accept = request.headers.get("accept-language")
        reader = AdminReader(
            texts=self.texts.of(accept),
            language=self.texts.language_of(accept),
            caller=self.sessions.caller(request),
            token=self.sessions.sign_out_token(request),
        )
        try:
            require_admin(reader.caller)
            return page(reader)
        except NotAllowed as error:
            return _refused(request, reader, error)


def _refused(request: Request, reader: AdminReader, error: NotAllowed) -> Response:
    reads = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if reads:
        return RedirectResponse("/login", 303, {"cache-control": "no-store"})
    status = 401 if error.refusal is Refusal.NOT_SIGNED_IN else 403
    sentence = refusal_sentence(reader.texts, error)
    return reader.page(
        "refused",
        here="",
        title=reader.texts["door.title"],
        status=status,
        sentences=[sentence],
        back="/login",
    )


def text_of(form: FormData, name: str) -> str:
    """Return a field of a form; empty where it is missing or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
