"""Visits of an annotator to the evaluation page, with campaigns that are scripted."""

import re
from functools import partial

from fastapi import FastAPI
from starlette.testclient import TestClient

from arena.domain.accounts import Caller
from arena.domain.campaign import ProtocolKind
from arena.web.common.texts import load_texts
from arena.web.evaluate.pages import EvaluationPages
from arena.web.evaluate.routes import evaluate_router
from arena.web.http.access import HasCookies
from arena.web.rendering.answer import render_answer
from tests.web.allowances import allowance
from tests.web.evaluate.evaluations import ANNOTATOR, ScriptedEvaluations, item, words

_TAGS = re.compile(r"<[^>]*>")


class _SignedIn:
    """Sessions of one annotator, or of nobody."""

    def __init__(self, caller: Caller | None) -> None:
        self._caller = caller

    def caller(self, request: HasCookies | None) -> Caller | None:
        return self._caller

    def sign_out_token(self, request: HasCookies) -> str:
        return "token"


def visiting(
    evaluations: ScriptedEvaluations,
    caller: Caller | None = ANNOTATOR,
    language: str = "en",
    votes: str = "1000/minute",
) -> TestClient:
    app, texts = FastAPI(), load_texts()
    pages = EvaluationPages(partial(render_answer, ended=True))
    router = evaluate_router(
        evaluations, pages, _SignedIn(caller), texts, votes=allowance(person=votes)
    )
    app.include_router(router)
    return TestClient(app, headers={"accept-language": language}, follow_redirects=False)


def pairwise(**changes: object) -> ScriptedEvaluations:
    items = [item(number, category="writing") for number in (1, 2)]
    return ScriptedEvaluations(words(), items, **changes)  # type: ignore[arg-type]


def ranked(slots: int = 3) -> ScriptedEvaluations:
    return ScriptedEvaluations(words(ProtocolKind.ALL_AT_ONCE), [item(1, slots=slots)])


def said(page: str) -> str:
    return re.sub(r"\s+", " ", _TAGS.sub(" ", page))
