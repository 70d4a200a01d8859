"""Who may do what: every route and event of a running arena, and what each kind of caller gets."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from gradio.routes import App
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

NOBODIES = ("nobody", "forged", "revoked", "disabled")
"""Without a cookie, with one that is nobody's, with those of an ended session and account."""
CALLERS = (*NOBODIES, "guest", "annotator", "other", "admin")
"""Of `annotator` are the battle and the item that are asked for; `other` is another one.

There is no role of researchers: who runs a campaign is an admin.
"""

Place = tuple[str, str]
"""A method, and the pattern of a path as the server has it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route answers, by who asks: a status, or several that may be.

    `path` is an address that its pattern matches, empty for the pattern itself; `data` is a form,
    and `whole` what makes it one that would be obeyed: whoever must be refused sends that, too.
    In all of them `{item}`, with `{seen}` of it, is that of the annotator, `{token}` is that of the
    caller's session. The statuses of `nobody` hold for all of `NOBODIES` but for those in `but`,
    and those of `other` for guests.
    """

    nobody: int
    annotator: int
    other: int
    admin: int
    path: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    whole: Mapping[str, str] = field(default_factory=dict)
    but: Mapping[str, int] = field(default_factory=dict)

    def status(self, caller: str) -> int:
        """Return what this caller must get."""
        if caller in self.but:
            return self.but[caller]
        if caller in NOBODIES:
            return self.nobody
        return int(getattr(self, "other" if caller == "guest" else caller))

    def form(self, caller: str) -> Mapping[str, str]:
        """Return what this caller sends."""
        refused = self.status(caller) in {401, 403, 404}
        return {**self.data, **self.whole} if refused else self.data


def everybody(status: int, path: str = "", **more: Any) -> Rule:
    """All get the same."""
    return Rule(status, status, status, status, path, **more)


def signed_in(path: str = "", **more: Any) -> Rule:
    """Whoever has a session."""
    return Rule(401, 200, 200, 200, path, **more)


def admins(status: int = 200, path: str = "", **more: Any) -> Rule:
    """Admins alone; `status` is what they get."""
    return Rule(401, 403, 403, status, path, **more)


def places(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[Place]:
    """Yield everything that an application answers to, with all that is mounted in it.

    Raises:
        TypeError: A route is of a kind that is not known here.
    """
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from places(included.routes, prefix)
        elif isinstance(route, Mount) and isinstance(route.app, StaticFiles):
            yield "GET", f"{prefix}{route.path}/{{path:path}}"
        elif isinstance(route, Mount) and isinstance(route.app, App):
            yield from places(route.app.routes, prefix + route.path)
        elif isinstance(route, Route):
            for method in sorted(route.methods or {"GET"}):
                yield method, prefix + route.path
        else:
            raise TypeError(f"what does {route!r} answer to?")


def of_page(app: str, allowed: tuple[int, int, int]) -> Iterator[tuple[Place, Rule]]:
    """Yield the rules of a Gradio app: what nobody, annotators and admins get of it."""
    nobody, annotator, admin = allowed

    def guarded(path: str = "", **more: Any) -> Rule:
        return Rule(nobody, annotator, annotator, admin, path, **more)

    api = f"{app}/gradio_api"
    yield ("GET", f"{app}/"), guarded()
    yield ("HEAD", f"{app}/"), guarded()
    yield ("GET", f"{app}/config"), guarded()
    yield ("GET", f"{app}/theme.css"), everybody(200)
    yield ("GET", f"{app}/favicon.ico"), everybody(200)
    yield ("GET", f"{app}/assets/{{path:path}}"), everybody(404, f"{app}/assets/none.js")
    yield ("GET", f"{app}/static/{{path:path}}"), everybody(404, f"{app}/static/none.js")
    yield ("GET", f"{api}/app_id"), everybody(200)
    yield ("GET", f"{api}/heartbeat/{{session_hash}}"), guarded(f"{api}/heartbeat/a1b2c3")
    yield ("POST", f"{api}/queue/join"), everybody(400)
    # Of an event that is nobody's there are no messages; whose there are, events are tried with.
    yield ("GET", f"{api}/queue/data"), everybody(404, f"{api}/queue/data?session_hash=a1b2c3")


_BOARD = Rule(401, 403, 403, 200)
"""While a campaign is open, the leaderboard is for admins."""
READ = ("GET", "HEAD")
"""The methods that change nothing."""
_BALLOT = {"shown": "{seen}", "verdict": "a_better", "visible_s": "5"}
_PERSON = {"token": "{token}", "name": "Bob", "people": "Eve", "key": "0123456789abcdef"}
_CAMPAIGN = {"token": "{token}", "name": "spring", "key": "0123456789abcdef"}

RULES: Mapping[Place, Rule] = {
    ("GET", "/healthz"): everybody(200),
    ("GET", "/readyz"): everybody(200),
    ("GET", "/metrics"): Rule(401, 401, 401, 200),
    ("GET", "/login"): everybody(200),
    ("POST", "/login"): everybody(403, data={"name": "nobody", "password": "wrong"}),
    ("POST", "/logout"): Rule(303, 403, 403, 403, but=dict.fromkeys(NOBODIES[1:], 403)),
    ("GET", "/account"): Rule(303, 200, 200, 200, but={"guest": 303}),
    ("POST", "/account/password"): Rule(401, 403, 403, 403),
    ("POST", "/account/sessions"): Rule(401, 403, 403, 403),
    ("GET", "/join/{token}"): everybody(403, "/join/forged"),
    ("GET", "/arena-static/{path:path}"): everybody(200, "/arena-static/login.css"),
    ("GET", "/evaluate"): signed_in("/evaluate?campaign=spring"),
    ("POST", "/evaluate/begin"): Rule(
        403, 303, 303, 303, data={"campaign": "spring", "consent": "yes"}
    ),
    ("POST", "/evaluate/vote"): Rule(403, 409, 403, 403, data={"item": "{item}"}, whole=_BALLOT),
    ("POST", "/evaluate/skip"): Rule(
        403, 400, 403, 403, data={"item": "{item}"}, whole={"reason": "unclear"}
    ),
    ("GET", "/evaluate/saved"): Rule(403, 303, 403, 403, "/evaluate/saved?item={item}"),
    ("GET", "/evaluate/revise"): Rule(403, 303, 403, 403, "/evaluate/revise?item={item}"),
    ("GET", "/leaderboard"): _BOARD,
    ("HEAD", "/leaderboard"): _BOARD,
    ("GET", "/leaderboard/"): Rule(401, 307, 307, 307),
    ("HEAD", "/leaderboard/"): Rule(401, 307, 307, 307),
    ("GET", "/leaderboard/board"): _BOARD,
    ("HEAD", "/leaderboard/board"): _BOARD,
    **{("GET", f"/leaderboard/table.{kind}"): _BOARD for kind in ("csv", "tex", "md")},
    **{
        ("GET", f"/leaderboard/figure.{kind}"): Rule(
            401, 403, 403, 200, f"/leaderboard/figure.{kind}?of=rates"
        )
        for kind in ("svg", "png", "pdf", "csv")
    },
    ("POST", "/leaderboard/snapshots"): Rule(401, 403, 403, 403),
    **{(method, "/leaderboard/snapshots"): Rule(401, 307, 307, 307) for method in READ},
    **{
        (method, f"/leaderboard/snapshots/{{number:int}}{kind}"): Rule(
            401, 403, 403, 404, f"/leaderboard/snapshots/1{kind}"
        )
        for kind in ("", ".json")
        for method in READ
    },
    ("GET", "/admin"): everybody(307),
    ("GET", "/admin/exports/members.csv"): admins(
        path="/admin/exports/members.csv?campaign=spring"
    ),
    **{
        ("GET", f"/admin/exports/{{table}}.{kind}"): admins(path=f"/admin/exports/votes.{kind}")
        for kind in ("csv", "jsonl", "parquet")
    },
    ("GET", "/admin/people"): admins(),
    ("GET", "/admin/people/disable"): admins(path="/admin/people/disable?name=Ada"),
    ("GET", "/admin/people/links/{key}"): admins(410, "/admin/people/links/0123456789abcdef"),
    **{
        ("POST", f"/admin/people/{action}"): admins(400, whole=_PERSON)
        for action in ("invite", "renew", "disable")
    },
    ("GET", "/admin/campaigns"): admins(),
    **{
        ("POST", f"/admin/campaigns/{action}"): admins(400, whole=_CAMPAIGN)
        for action in ("check", "create")
    },
    **{
        ("POST", f"/admin/campaigns/{action}"): admins(
            409, data={"name": "spring"}, whole=_CAMPAIGN
        )
        for action in ("open", "pause", "close", "look", "generate", "stop")
    },
    ("GET", "/admin/campaigns/{path:path}"): admins(path="/admin/campaigns/spring"),
    **dict(of_page("", (401, 200, 200))),
    **dict(of_page("/admin", (401, 401, 200))),
}
"""Every route. What a new one answers must be said here."""

EVENTS: Mapping[str, frozenset[str]] = {
    "": frozenset(
        {
            *("load", "tick", "send", "retry", "continue_cut", "vote_earlier", "undo", "follow"),
            *("stop", "new_battle", "recognise", "look", "vote", "submit"),
        }
    ),
    "/admin": frozenset({"_show"}),
}
"""The handlers behind the events of each Gradio app. A new one is tried when it stands here."""


def events_of(app: App) -> Iterator[tuple[int, str]]:
    """Yield number and handler of each event that the server has a part in."""
    for number, event in app.get_blocks().fns.items():
        if event.fn is not None:
            yield number, event.fn.__name__


_PASSING = {"sessions", "addresses", "address_hours", "leases", "sqlite_sequence"}
"""Tables that looking at a page may write."""


def contents(file: str, tables: Sequence[str] = ()) -> dict[str, list[Any]]:
    """Return all rows of a database by table, of `tables` alone if there are any."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: connection.execute(f'SELECT * FROM "{name}"').fetchall()
            for (name,) in found
            if (name in tables if tables else name not in _PASSING)
        }
