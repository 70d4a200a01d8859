"""`arena annotator set-password`, `sessions` and `sign-out`: how annotators sign in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, opened, stop
from arena.cli.shown_prompts import print_json
from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized

if TYPE_CHECKING:
    from arena.services.signing_in import SigningIn
    from arena.storage.sessions import SessionRecord

_MINUTE = "%Y-%m-%d %H:%M"


def set_password(
    name: Annotated[str, typer.Argument(help="The name of an annotator.")],
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Let an annotator sign in by name and password; open sessions end."""
    from arena.domain.errors import BadInput, Refusal
    from arena.domain.passwords import SHORTEST_PASSWORD

    with _signing_in(database_url) as signing_in:
        try:
            signing_in.set_password(name, password)
        except BadInput as error:
            if error.refusal is Refusal.PASSWORD_TOO_SHORT:
                stop(f"a password needs at least {SHORTEST_PASSWORD} characters", BAD_INPUT)
            stop("this password is among the first that everybody tries: choose another", BAD_INPUT)
    typer.echo(f"{name} can sign in by password now.")


def sessions(
    names: Annotated[list[str] | None, typer.Argument(help="Names of annotators.")] = None,
    database_url: DatabaseUrl = DEFAULT_URL,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Print who is signed in: by default all who do so under a name, the admin too. In UTC."""
    with _signing_in(database_url) as signing_in:
        found = signing_in.sessions(names or ())
    if as_json:
        print_json({"sessions": [_document(one) for one in found]})
        return
    if not found:
        typer.echo("No session is open.")
        return
    columns = [
        Column("session", [one.number for one in found], name=True),
        Column("name", [plain(one.name) for one in found], name=True),
        Column("opened", [f"{one.created_at:{_MINUTE}}" for one in found]),
        Column("ends", [f"{one.expires_at:{_MINUTE}}" for one in found]),
    ]
    for line in table_lines("Open sessions", columns, width=None):
        typer.echo(line)


def sign_out(
    names: Annotated[list[str], typer.Argument(help="Names of annotators.")],
    session: Annotated[
        str | None, typer.Option(help="End this one session of one annotator.")
    ] = None,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """End sessions, within two seconds where the arena runs; links and passwords go on."""
    if session is not None and len(names) > 1:
        stop("--session is of one annotator: name one", BAD_INPUT)
    with _signing_in(database_url) as signing_in:
        if session is None:
            ended = signing_in.sign_out(names)
        elif signing_in.end_session(names[0], session):
            ended = 1
        else:
            stop(f"{names[0]} has no open session {session} (arena annotator sessions)", BAD_INPUT)
    typer.echo(f"Ended {pluralized(ended, 'session')}.")


@contextmanager
def person_refusals() -> Iterator[None]:
    """End the command with what is wrong with the annotators that it names."""
    from arena.services.people import PersonRefused

    try:
        yield
    except PersonRefused as refused:
        stop(str(refused), BAD_INPUT)


@contextmanager
def _signing_in(url: str) -> "Iterator[SigningIn]":
    from arena.inference.clock import SystemClock
    from arena.services.signing_in import SigningIn

    with opened(url) as database, person_refusals():
        yield SigningIn(database, SystemClock())


def _document(session: "SessionRecord") -> dict[str, Any]:
    return {
        "session": session.number,
        "name": session.name,
        "opened": session.created_at.isoformat(),
        "ends": session.expires_at.isoformat(),
    }
