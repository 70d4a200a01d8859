"""`arena leaderboard --freeze`, `--snapshots` and `--snapshot`: boards kept under a number."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from arena.cli.database import BAD_INPUT, stop
from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized

if TYPE_CHECKING:
    from arena.domain.board import BoardFilter
    from arena.services.board.snapshots.keeping import SnapshotHead
    from arena.services.board.snapshots.reading import BoardSnapshot
    from arena.storage.database import Database


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of snapshots, and how it is printed.

    `number` is of the snapshot to print, beside what has changed since `compared_with`.
    """

    freeze: bool
    listed: bool
    number: int | None
    compared_with: int | None
    pairs: bool
    top: int | None
    as_json: bool
    width: int | None

    @property
    def any(self) -> bool:
        """Whether anything is."""
        return self.freeze or self.listed or self.number is not None or self.compares

    @property
    def compares(self) -> bool:
        """Whether two are to be compared."""
        return self.compared_with is not None


def require_sense(wanted: Wanted, unsaid: Mapping[str, Any], limits: Mapping[str, Any]) -> None:
    """End the command where options contradict each other.

    `unsaid` are options that say nothing of a snapshot, `limits` those that filter a board.
    """
    chosen = [wanted.freeze, wanted.listed, wanted.number is not None]
    if sum(chosen) > 1:
        stop("choose one of --freeze, --snapshots and --snapshot", BAD_INPUT)
    if wanted.compares and wanted.number is None:
        stop("--compare-with needs --snapshot", BAD_INPUT)
    if any(unsaid.values()):
        names = ", ".join(name for name, value in unsaid.items() if value)
        stop(f"{names}: a snapshot is of the whole board", BAD_INPUT)
    if not wanted.freeze and any(limits.values()):
        stop("a snapshot has the filters with which it was frozen: leave them out", BAD_INPUT)


def freeze(database: "Database", board_filter: "BoardFilter", *, as_json: bool) -> None:
    """Keep a board under the next number, and say which that is."""
    # Imported here, as below: statistics would slow the start of every command.
    from arena.domain.errors import NotAllowed
    from arena.inference.clock import SystemClock
    from arena.services.board.snapshots.freezing import frozen_board
    from arena.services.board.snapshots.keeping import NothingToFreeze, keep

    with database.reading() as connection:
        frozen = frozen_board(connection, board_filter)
    try:
        kept = keep(database, frozen, at=SystemClock().now())
    except NothingToFreeze:
        stop("there is no vote under these filters: nothing to freeze", BAD_INPUT)
    except NotAllowed:
        stop(
            "so few people of this group voted, or addresses are chosen so (--votes-per-address), "
            "that the board would tell how somebody voted",
            BAD_INPUT,
        )
    head = _snapshot(database, kept.number).head
    if as_json:
        _print({**_document(head), "new": kept.is_new})
        return
    if not kept.is_new:
        typer.echo(f"Nothing has changed since snapshot {kept.number}:")
    typer.echo("\n".join(_about(head)))


def show(database: "Database", wanted: Wanted) -> None:
    """Print all snapshots, one of them, or what has changed between two."""
    if wanted.number is None:
        _show_all(database, wanted)
    elif wanted.compared_with is None:
        _show_one(_snapshot(database, wanted.number), wanted)
    else:
        numbers = sorted((wanted.number, wanted.compared_with))
        earlier, later = (_snapshot(database, number) for number in numbers)
        _show_changes(earlier, later, wanted)


def _show_all(database: "Database", wanted: Wanted) -> None:
    from arena.storage.boards.snapshots import snapshot_heads

    with database.reading() as connection:
        heads = snapshot_heads(connection)
    if wanted.as_json:
        _print([_document(head) for head in heads])
    elif not heads:
        typer.echo("No snapshot yet: `arena leaderboard --freeze` makes one.")
    else:
        typer.echo("\n".join(table_lines("Snapshots", _list(heads), width=wanted.width)))


def _show_one(snapshot: "BoardSnapshot", wanted: Wanted) -> None:
    from arena.cli.value_text import value_lines
    from arena.services.board.snapshots.tables import snapshot_tables

    if wanted.as_json:
        typer.echo(snapshot.document, nl=False)
        return
    models, pairs = snapshot_tables(snapshot, top=wanted.top)
    tables = (models, pairs) if wanted.pairs else (models,)
    lines = value_lines(tables, snapshot.names, width=wanted.width)
    typer.echo("\n".join((*_about(snapshot.head), "", *lines)))


def _show_changes(earlier: "BoardSnapshot", later: "BoardSnapshot", wanted: Wanted) -> None:
    from arena.cli.value_text import value_lines
    from arena.services.board.snapshots.comparing import comparison_table
    from arena.services.board.value_tables import table_document

    table = comparison_table(earlier, later)
    if wanted.as_json:
        numbers = {"earlier": earlier.head.number, "later": later.head.number}
        _print({**numbers, **table_document(table)})
        return
    names = {**earlier.names, **later.names}
    typer.echo("\n".join(value_lines((table,), names, width=wanted.width)))


def _snapshot(database: "Database", number: int) -> "BoardSnapshot":
    from arena.services.board.snapshots.reading import snapshot_of
    from arena.storage.boards.snapshots import stored_snapshot

    with database.reading() as connection:
        found = stored_snapshot(connection, number)
    if found is None:
        stop(f"there is no snapshot {number}: --snapshots lists them", BAD_INPUT)
    return snapshot_of(found)


def _about(head: "SnapshotHead") -> Iterator[str]:
    votes, models = pluralized(head.votes, "vote"), pluralized(head.models, "model")
    yield f"Snapshot {head.number} of {head.at:%Y-%m-%d %H:%M} UTC: {votes}, {models}"
    yield f"scope: {_scope(head)}"
    yield f"fingerprint: SHA-256 {head.fingerprint}"


def _scope(head: "SnapshotHead") -> str:
    limits = (f"{name} {plain(', '.join(values))}" for name, values in head.limits.items())
    return "; ".join(limits) or "all votes"


def _list(heads: "tuple[SnapshotHead, ...]") -> list[Column]:
    return [
        Column("number", [str(head.number) for head in heads]),
        Column("frozen (UTC)", [f"{head.at:%Y-%m-%d %H:%M}" for head in heads]),
        Column("by", [plain(head.who or "command line") for head in heads]),
        Column("votes", [str(head.votes) for head in heads]),
        Column("models", [str(head.models) for head in heads]),
        Column("scope", [_scope(head) for head in heads]),
        Column("fingerprint", [head.fingerprint[:12] for head in heads]),
    ]


def _document(head: "SnapshotHead") -> dict[str, Any]:
    return {
        "number": head.number,
        "frozen_at": head.at.isoformat(),
        "who": head.who,
        "limits": head.limits,
        "votes": head.votes,
        "models": head.models,
        "fingerprint": head.fingerprint,
    }


def _print(document: Any) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
