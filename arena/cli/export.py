"""`arena export TABLE`: a table as a file, or on standard output."""

import os
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from arena.cli.database import (
    BAD_INPUT,
    DEFAULT_URL,
    FAILURE,
    DatabaseUrl,
    known_campaign,
    opened,
    stop,
)
from arena.services.exports.columns import ExportTable
from arena.services.exports.formats import ExportFormat
from arena.services.exports.options import ExportOptions

if TYPE_CHECKING:
    from arena.services.exports.exports import Exports
    from arena.storage.database import Database

STANDARD_OUTPUT = Path("-")
_Choice = TypeVar("_Choice", bound=StrEnum)


def export(
    table: Annotated[str, typer.Argument(help=f"One of {', '.join(ExportTable)}.")],
    format: Annotated[  # noqa: A002 - the contract's word
        str, typer.Option(help=f"One of {', '.join(ExportFormat)}.")
    ] = ExportFormat.CSV.value,
    campaign: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what belongs to this campaign.")
    ] = None,
    without_one_address: Annotated[
        bool,
        typer.Option(
            "--without-one-address",
            help="Leave out annotators who voted from one address at an implausible rate.",
        ),
    ] = False,
    output: Annotated[
        Path, typer.Option(help="File to write, whole or not at all; - is standard output.")
    ] = STANDARD_OUTPUT,
    names: Annotated[
        bool, typer.Option("--names", help="Annotators by name instead of by pseudonym.")
    ] = False,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin a CSV with a byte order mark, for Excel.")
    ] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Write a table of the arena as CSV, JSONL or Parquet."""
    chosen, kind = _one_of(ExportTable, table), _one_of(ExportFormat, format)
    if bom and kind is not ExportFormat.CSV:
        stop("--bom is for CSV: other files never have one", BAD_INPUT)
    if output != STANDARD_OUTPUT and (output.is_dir() or not output.parent.is_dir()):
        stop(f"--output {output}: not a file in an existing directory", BAD_INPUT)
    try:
        with opened(database_url) as database:
            options = ExportOptions(
                format=kind,
                names=names,
                bom=bom,
                campaign=known_campaign(database, campaign),
                without_one_address=without_one_address,
            )
            write(_exports(database).file(chosen, options), output)
    except OSError as error:
        stop(f"the export was not finished: {error}", FAILURE)


def _one_of(choices: type[_Choice], word: str) -> _Choice:
    try:
        return choices(word)
    except ValueError:
        known = ", ".join(choices)
        stop(f"{word} is unknown; choose one of {known}", BAD_INPUT)


def _exports(database: "Database") -> "Exports":
    # Imported here: it would slow the start of every other command.
    from arena.services.exports.exports import Exports
    from arena.services.pseudonyms import Pseudonyms, export_key, export_key_path

    return Exports(database, pseudonyms=Pseudonyms(export_key(export_key_path(database))))


def write(chunks: Iterable[bytes], output: Path) -> None:
    """Write all chunks, or leave no file under the name `output`.

    Until it is whole the file is called `OUTPUT.part`. It is for its owner alone: it holds votes,
    and may hold names. A device or pipe is written to directly.
    Raises whatever `chunks` raises, and OSError.
    """
    if output == STANDARD_OUTPUT:
        sys.stdout.buffer.writelines(chunks)
        sys.stdout.buffer.flush()
        return
    if output.exists() and not output.is_file():
        with output.open("wb") as device:
            device.writelines(chunks)
        return
    part = output.with_name(f"{output.name}.part")
    try:
        part.unlink(missing_ok=True)
        with open(part, "wb", opener=_privately) as file:
            file.writelines(chunks)
        part.replace(output)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
