"""Annotators of a campaign without a browser: the page's forms over plain HTTP."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from random import Random

import httpx

from tests.fakes.waiting import wait_until

Ballot = Callable[[str, Random], Mapping[str, str]]
"""Chooses what to say of an item's page."""

_FORM = re.compile(r'(?s)<form id="(\w+)".*?</form>')
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_NOTHING = re.compile(r'id="nothing" data-why="(\w+)"')


@dataclass(frozen=True, slots=True)
class Judged:
    """One item: the response with its page, and the one after its vote."""

    before: httpx.Response
    after: httpx.Response


@dataclass
class FormAnnotator:
    """Judges item after item until nothing is left, as the page's forms let one do."""

    link: str
    random: Random
    ballot: Ballot
    answers: Mapping[str, str] = field(default_factory=dict)
    judged: list[Judged] = field(default_factory=list)
    last: str = ""

    def run(self) -> "FormAnnotator":
        """Open the personal link, agree, and judge everything."""
        with httpx.Client(follow_redirects=True, trust_env=False, verify=False, timeout=60) as http:
            self._judge_all(http, http.get(self.link))
        return self

    def _judge_all(self, http: httpx.Client, page: httpx.Response) -> None:
        while True:
            page.raise_for_status()
            form = _FORM.search(page.text)
            if form is None:
                page = self._waited(http, page)
                if page.is_success and _FORM.search(page.text) is None:
                    return
            elif form[1] == "questions":
                fields = _hidden(form[0]) | {"consent": "yes", **self.answers}
                page = _post(http, page, "/evaluate/begin", fields)
            else:
                page = self._judge(http, page, form[0])

    def _judge(self, http: httpx.Client, page: httpx.Response, form: str) -> httpx.Response:
        fields = _hidden(form) | dict(self.ballot(form, self.random))
        saved = _post(http, page, "/evaluate/vote", fields)
        assert saved.is_success, saved.text
        self.judged.append(Judged(page, saved))
        return http.get(_following(saved.text, saved.url))

    def _waited(self, http: httpx.Client, page: httpx.Response) -> httpx.Response:
        """Look again until nobody has anything reserved that might come back."""
        pages = [page]

        def is_settled() -> bool:
            found = _NOTHING.search(pages[-1].text)
            if found is None or found[1] != "all_reserved":
                return True
            pages.append(http.get(page.url))
            return False

        wait_until(is_settled)
        self.last = pages[-1].text
        return pages[-1]


def _hidden(form: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _HIDDEN.findall(form)}


def _post(
    http: httpx.Client, page: httpx.Response, path: str, fields: Mapping[str, str]
) -> httpx.Response:
    origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
    return http.post(f"{origin}{path}", data=dict(fields), headers={"origin": origin})


def _following(page: str, here: httpx.URL) -> httpx.URL:
    found = re.search(r'id="next"[^>]* href="([^"]+)"', page)
    assert found, page
    return here.join(unescape(found[1]))
