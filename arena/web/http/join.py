"""Personal links: one click opens the annotator's session."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from arena.domain.errors import ArenaError
from arena.services.accounts import Accounts
from arena.services.people import People
from arena.web.common.texts import Texts, link_to, refusal_sentence
from arena.web.http.access import Access
from arena.web.http.client_address import client_address
from arena.web.http.small_page import small_page

_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


def join_router(people: People, accounts: Accounts, access: Access, texts: Texts) -> APIRouter:
    """Return the route `/join/TOKEN`: a redirect to the evaluation page with a session.

    A link that is unknown, revoked or too old answers 403 with whom to ask.
    """
    router = APIRouter()

    @router.get("/join/{token}")
    def join(request: Request, token: str) -> Response:
        try:
            session = people.join(token, accounts, client_address(request.scope))
        except ArenaError as error:
            return _refused(request, texts, error)
        response = RedirectResponse("/evaluate", 303, _HEADERS)
        response.headers["set-cookie"] = access.cookie(session.token)
        return response

    return router


def _refused(request: Request, texts: Texts, error: ArenaError) -> HTMLResponse:
    accept = request.headers.get("accept-language")
    words = texts.of(accept)
    page = small_page(
        words,
        language=texts.language_of(accept),
        title=words["door.title"],
        body=_BODY.format(
            text=refusal_sentence(words, error),
            back=words["login.back"],
            home=link_to(words, "/"),
        ),
    )
    return HTMLResponse(page, 403, _HEADERS)


_BODY = Markup('<p role="alert">{text}</p><p><a href="{home}">{back}</a></p>')
