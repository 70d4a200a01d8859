"""Sign-in and sign-out for admins and annotators with a password."""

import secrets
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from arena.domain.errors import ArenaError, Unavailable
from arena.services.accounts import ADMIN_NAME, Accounts
from arena.web.common.markup import NOTHING
from arena.web.common.texts import Texts, link_to, refusal_sentence
from arena.web.http.access import COOKIE, Access
from arena.web.http.client_address import client_address
from arena.web.http.refused import refused
from arena.web.http.sign_ins import SignIns
from arena.web.http.small_page import small_page


def login_router(accounts: Accounts, access: Access, sign_ins: SignIns, texts: Texts) -> APIRouter:
    """Return the routes `/login` and `/logout`.

    Both change something on POST alone, and `Protection` refuses posts of other sites. Signing out
    also needs a CSRF token, as replies of models are shown on our own pages. Where anybody may
    annotate without signing in, the admin alone is expected here.
    """
    router = APIRouter()
    expected = ADMIN_NAME if access.open_annotators else ""

    @router.get("/login")
    def show(request: Request) -> HTMLResponse:
        return _page(request, texts, name=expected)

    @router.post("/login")
    async def sign_in(
        request: Request, name: Annotated[str, Form()], password: Annotated[str, Form()]
    ) -> Response:
        try:
            session = await sign_ins.sign_in(name.strip(), password, client_address(request.scope))
        except ArenaError as error:
            return _page(request, texts, name=name, error=error)
        target = "/admin/" if session.caller.is_admin else "/"
        response = RedirectResponse(target, 303)
        response.headers["set-cookie"] = access.cookie(session.token)
        return response

    @router.post("/logout")
    def sign_out(request: Request, token: Annotated[str, Form()] = "") -> Response:
        session = request.cookies.get(COOKIE)
        if session:
            if not secrets.compare_digest(token.encode(), access.sign_out_token(request).encode()):
                return refused(texts, request.scope, "sign_out", 403)
            accounts.log_out(session)
        response = RedirectResponse("/", 303)
        response.headers["set-cookie"] = access.cookie("", seconds=0)
        return response

    return router


def _page(
    request: Request, texts: Texts, *, name: str, error: ArenaError | None = None
) -> HTMLResponse:
    accept = request.headers.get("accept-language")
    words = texts.of(accept)
    body = _BODY.format(
        value=name,
        error=_error(words, error),
        home=link_to(words, "/"),
        login=link_to(words, "/login"),
        focus_name="" if name else _FOCUS,
        focus_password=_FOCUS if name else "",
        **{part: words[f"login.{part}"] for part in ("name", "password", "submit", "back")},
    )
    language, title = texts.language_of(accept), words["login.title"]
    page = small_page(words, language=language, title=title, body=body)
    if isinstance(error, Unavailable):
        return HTMLResponse(page, 429, {"retry-after": str(error.details["seconds"])})
    return HTMLResponse(page, 403 if error else 200)


def _error(words: Mapping[str, str], error: ArenaError | None) -> Markup:
    if error is None:
        return NOTHING
    return Markup('<p class="error" role="alert">{}</p>').format(refusal_sentence(words, error))


_FOCUS = Markup(" autofocus")

_BODY = Markup("""{error}
<form method="post" action="{login}">
<label for="name">{name}</label>
<input id="name" name="name" value="{value}" autocomplete="username" required{focus_name}>
<label for="password">{password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
{focus_password}>
<button type="submit">{submit}</button>
</form><p><a href="{home}">{back}</a></p>""")
