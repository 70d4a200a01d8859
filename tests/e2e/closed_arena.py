"""A closed arena with a battle, an item of a campaign, and a session of each kind of caller."""

import hmac
import re
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from gradio.routes import App
from starlette.routing import Mount

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.inference.clock import SystemClock
from arena.services.accounts import Accounts
from arena.services.people import People
from arena.services.signing_in import SigningIn
from arena.storage.database import Database
from arena.storage.people import set_disabled
from arena.web.http.access import COOKIE
from tests.e2e.authorisation import CALLERS, Place, Rule, contents
from tests.e2e.driver import HttpAnnotator
from tests.e2e.in_process import DATABASE_FILE, InProcess, in_process
from tests.e2e.scripts import catalog, scripted_model
from tests.fakes.campaigns import CampaignDesk, planned
from tests.fakes.passwords import CHEAP_PASSWORDS

PROMPT, REPLY = "What does the quetzal eat?", "Avocados, mostly wild ones."
NAMES = ("Vermilion Quetzal", "Heliotrope Axolotl")
SECRETS = (*NAMES, PROMPT, REPLY)
"""Of the annotator's battle alone: nobody else may read any of them."""


@dataclass
class ClosedArena:
    """A closed arena with a campaign, a battle and an item of the annotator, and all callers."""

    running: InProcess
    file: str
    tokens: Mapping[str, str]
    annotator: HttpAnnotator
    item: str
    seen: str
    shown: str

    def client(self, caller: str) -> httpx.Client:
        """A client with the cookie of the caller."""
        token = self.tokens[caller]
        return httpx.Client(
            base_url=self.running.address,
            cookies={COOKIE: token} if token else {},
            trust_env=False,
            verify=False,
            timeout=30,
        )

    def apps(self) -> dict[str, App]:
        """Gradio's applications by where they are mounted."""
        return {
            route.path: route.app
            for route in self.running.app.routes
            if isinstance(route, Mount) and isinstance(route.app, App)
        }

    def fill(self, text: str, caller: str) -> str:
        """Put what is asked for into an address or a field."""
        token = self.tokens[caller]
        own = hmac.digest(token.encode(), b"sign out", "sha256").hex() if token else ""
        for name, value in (("item", self.item), ("seen", self.seen), ("token", own)):
            text = text.replace(f"{{{name}}}", value)
        return text

    def answers(self, caller: str, rules: Mapping[Place, Rule]) -> Iterator[tuple[Place, int, str]]:
        """Yield status and text of what each route answers; of a stream no text."""
        with self.client(caller) as client:
            for (method, pattern), rule in rules.items():
                path = self.fill(rule.path or pattern, caller)
                form = {name: self.fill(text, caller) for name, text in rule.form(caller).items()}
                sent = form if method == "POST" else None
                with client.stream(method, path, data=sent) as answer:
                    streams = "event-stream" in answer.headers.get("content-type", "")
                    text = b"" if streams else answer.read()
                yield (method, pattern), answer.status_code, text.decode("utf-8", "replace")

    def own_rows(self) -> dict[str, Any]:
        """All that the database has of the annotator's battles, turns, votes and items."""
        tables = ("battles", "turns", "slots", "flags", "votes", "withdrawn_turns", "assignments")
        return {
            name: [row for row in rows if self.mine(row)]
            for name, rows in contents(self.file, tables).items()
        }

    def mine(self, row: tuple[Any, ...]) -> bool:
        """Whether a row is about the annotator's battle or item."""
        return self.shown.split(" ")[0] in row or self.item in row


@contextmanager
def closed_arena(folder: Path) -> Iterator[ClosedArena]:
    """A running one, in the folder."""
    models = catalog(
        quetzal=scripted_model(NAMES[0], REPLY), axolotl=scripted_model(NAMES[1], REPLY)
    )
    closed = {"ARENA_OPEN_ANNOTATORS": "false", "ARENA_LEADERBOARD_VISIBLE": "annotators"}
    with in_process(folder, models, **closed) as running:
        database = Database(f"sqlite:///{folder / DATABASE_FILE}")
        try:
            desk = CampaignDesk(database)
            desk.open(planned(overlap=3))
            accounts = Accounts(
                database,
                SystemClock(),
                session_length=timedelta(hours=1),
                passwords=CHEAP_PASSWORDS,
            )
            tokens = sessions(database, desk, accounts)
            with with_battle(running, accounts.open_session(desk.person("Cyn")).token) as voter:
                assert voter.fire("vote-a-better").revealed
            with with_battle(running, tokens["annotator"]) as annotator:
                item, seen = assigned(running, tokens["annotator"])
                shown = annotator.hidden["battle-shown"]
                yield ClosedArena(
                    running, str(folder / DATABASE_FILE), tokens, annotator, item, seen, shown
                )
        finally:
            database.close()


def sessions(database: Database, desk: CampaignDesk, accounts: Accounts) -> dict[str, str]:
    """The token of each kind of caller."""
    clock = SystemClock()
    people, signing_in = People(database, clock), SigningIn(database, clock)
    ada, bob = desk.person("Ada"), desk.person("Bob")
    people.add([("Rae", None), ("Dan", None)])
    rae, dan = (caller_of(people, name) for name in ("Rae", "Dan"))
    tokens = {
        "nobody": "",
        "forged": secrets.token_urlsafe(32),
        "revoked": accounts.open_session(rae).token,
        "disabled": accounts.open_session(dan).token,
        "guest": accounts.open_guest_session().token,
        "annotator": accounts.open_session(ada).token,
        "other": accounts.open_session(bob).token,
        "admin": accounts.open_session(_admin(database)).token,
    }
    assert signing_in.sign_out(["Rae"]) == 1
    with database.writing() as connection:  # the session itself is open still
        set_disabled(connection, dan.id, clock.now())
    assert tuple(tokens) == CALLERS
    return tokens


def caller_of(people: People, name: str) -> Caller:
    (found,) = people.find([name])
    return Caller(found.id, found.name, AccountRole.ANNOTATOR)


def _admin(database: Database) -> Caller:
    with closing(sqlite3.connect(database.path)) as connection:
        ((number,),) = connection.execute("SELECT id FROM annotators WHERE role = 'admin'")
    return Caller(AnnotatorId(number), "admin", AccountRole.ADMIN)


def with_battle(running: InProcess, token: str) -> HttpAnnotator:
    """Return an annotator with a battle that can be voted on."""
    annotator = HttpAnnotator(running.address, cookies=httpx.Cookies({COOKIE: token}))
    annotator.load()
    assert annotator.fire("send", prompt=PROMPT).refusal == ""
    return annotator


def assigned(running: InProcess, token: str) -> tuple[str, str]:
    """Return the item that the annotator is given, and what the page shows of it."""
    page = httpx.get(
        f"{running.address}/evaluate?campaign=spring", cookies={COOKIE: token}, trust_env=False
    ).text
    item, shown = (re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("item", "shown"))
    assert item
    assert shown
    return item[1], shown[1]
