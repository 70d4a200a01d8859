"""`arena annotator`: people who are invited by name."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.annotator_signing_in import person_refusals, sessions, set_password, sign_out
from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, opened, stop
from arena.cli.shown_prompts import print_json
from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized

if TYPE_CHECKING:
    from arena.services.people import People
    from arena.storage.people import PersonRecord

annotator = typer.Typer(help="Annotators who are invited by name.", no_args_is_help=True)
annotator.command("set-password")(set_password)
annotator.command("sessions")(sessions)
annotator.command("sign-out")(sign_out)

_Names = Annotated[list[str] | None, typer.Argument(help="Names of annotators.")]
_Csv = Annotated[
    Path | None,
    typer.Option("--csv", help="A CSV file with the columns name and, if you like, group."),
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
_Address = Annotated[
    str,
    typer.Option("--address", help="Where annotators reach the arena, for complete links."),
]


@annotator.command("add")
def add(
    names: _Names = None,
    csv_file: _Csv = None,
    group: Annotated[str | None, typer.Option(help="The group of all of them.")] = None,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Make accounts, without a link yet."""
    wanted = _wanted(names, csv_file, group)
    with _people(database_url, create=True) as people:
        added = people.add(wanted)
    typer.echo(f"Added {', '.join(one.name for one in added)}.")


@annotator.command("invite")
def invite(
    names: _Names = None,
    csv_file: _Csv = None,
    group: Annotated[str | None, typer.Option(help="The group of those who are new.")] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="How long the links work; for ever by default.")
    ] = None,
    address: _Address = "http://127.0.0.1:7860",
    database_url: DatabaseUrl = DEFAULT_URL,
    as_json: _Json = False,
) -> None:
    """Print a personal link for each, shown this once. Older links stop working.

    Who has no account yet gets one.
    """
    from datetime import timedelta

    wanted = _wanted(names, csv_file, group)
    with _people(database_url, create=True) as people:
        known = {one.name for one in people.find([name for name, _ in wanted])}
        people.add([(name, of) for name, of in wanted if name not in known])
        valid_for = timedelta(days=days) if days else None
        invited = people.invite([name for name, _ in wanted], valid_for=valid_for)
    links = [(one.person, f"{address.rstrip('/')}/join/{one.token}") for one in invited]
    if as_json:
        print_json({"annotators": [_document(one) | {"link": link} for one, link in links]})
        return
    for person, link in links:
        typer.echo(f"{plain(person.name)}\t{link}")


@annotator.command("list")
def list_(database_url: DatabaseUrl = DEFAULT_URL, as_json: _Json = False) -> None:
    """Print everybody who signs in under a name: group, state, when they were last seen, votes."""
    with _people(database_url) as people:
        found = people.all()
    if as_json:
        print_json({"annotators": [_document(person) for person in found]})
        return
    if not found:
        typer.echo("Nobody has been invited yet (arena annotator invite NAME).")
        return
    columns = [
        Column("name", [plain(one.name) for one in found], name=True),
        Column("group", [plain(one.group or "") for one in found], name=True),
        Column("state", [_state(one) for one in found]),
        Column("password", ["yes" if one.has_password else "no" for one in found]),
        Column("last seen", [_day(one) for one in found]),
        Column("votes", [str(one.votes) for one in found]),
    ]
    for line in table_lines("Annotators", columns, width=None):
        typer.echo(line)


@annotator.command("disable")
def disable(
    names: Annotated[list[str], typer.Argument(help="Names of annotators.")],
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Close accounts: sessions end, links stop working, votes stay."""
    with _people(database_url) as people:
        people.disable(names)
    typer.echo(f"Disabled {', '.join(names)}.")


@annotator.command("erase")
def erase(
    name: Annotated[str, typer.Argument(help="The name of an annotator.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Take out name, links, sessions, addresses, answers and comments; votes stay."""
    with _people(database_url) as people:
        if not yes and people.find([name]):
            typer.confirm(f"Erase {name}? This cannot be undone", abort=True, err=True)
        erased = people.erase(name)
    typer.echo(f"{name} is {erased.name} now; {pluralized(erased.votes, 'vote')} stay.")
    for campaign in erased.named_in:
        typer.echo(f"The stored file of campaign {campaign} still has the name: it never changes.")
    typer.echo("Backups, earlier exports and copies of the database still have the name.")


@contextmanager
def _people(url: str, *, create: bool = False) -> "Iterator[People]":
    from arena.inference.clock import SystemClock
    from arena.services.people import People

    with opened(url, create=create) as database, person_refusals():
        yield People(database, SystemClock())


def _wanted(
    names: Sequence[str] | None, csv_file: Path | None, group: str | None
) -> list[tuple[str, str | None]]:
    wanted = [(name, group) for name in names or ()]
    if csv_file is not None:
        wanted += _rows(csv_file, group)
    if not wanted:
        stop("name at least one annotator, or a file with --csv", BAD_INPUT)
    return wanted


def _rows(file: Path, group: str | None) -> Iterator[tuple[str, str | None]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{file}: {error}", BAD_INPUT)
    reader = csv.DictReader(text.splitlines())
    if "name" not in (reader.fieldnames or ()):
        stop(f"{file}: the first line needs a column called name", BAD_INPUT)
    for row in reader:
        name = (row["name"] or "").strip()
        if not name:
            stop(f"{file}:{reader.line_num}: the name is empty", BAD_INPUT)
        yield name, (row.get("group") or "").strip() or group


def _state(person: "PersonRecord") -> str:
    if person.disabled_at is not None:
        return "disabled"
    return "invited" if person.invited else "no link"


def _day(person: "PersonRecord") -> str:
    return f"{person.last_seen_at:%Y-%m-%d}" if person.last_seen_at else "never"


def _document(person: "PersonRecord") -> dict[str, Any]:
    seen = person.last_seen_at
    return {
        "name": person.name,
        "group": person.group,
        "state": _state(person).replace(" ", "_"),
        "password": person.has_password,
        "last_seen": seen.isoformat() if seen else None,
        "votes": person.votes,
    }
