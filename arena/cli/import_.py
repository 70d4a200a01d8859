"""`arena import`: votes cast elsewhere, replies made elsewhere, and whole campaigns."""

from pathlib import Path
from typing import Annotated

import typer

from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, stop
from arena.domain.conversation import ModelKey
from arena.services.importing.formats import VoteFormat
from arena.services.importing.replies.formats import AUTO, ReplyFormat

import_ = typer.Typer(help="Votes, replies and campaigns from elsewhere.", no_args_is_help=True)


@import_.command("votes")
def votes(
    file: Annotated[Path, typer.Argument(help="The file to import.")],
    format: Annotated[  # noqa: A002 - the contract's word
        str, typer.Option(help=f"One of {AUTO}, {', '.join(VoteFormat)}.")
    ] = AUTO,
    columns: Annotated[
        str | None,
        typer.Option(metavar="MAP", help="The file's names of columns: OURS=THEIRS,OURS=THEIRS."),
    ] = None,
    campaign: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Campaign that the votes belong to; else the file's name."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do everything and take it back.")
    ] = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Import the rest of a file with bad rows.")
    ] = False,
    merge_models: Annotated[
        bool,
        typer.Option(
            "--merge-models", help="A model of the file is the model that has the same key here."
        ),
    ] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Import the votes of a file: all of them, or none when a row is bad."""
    source, renamed = _format(format), _columns(columns)
    name = file.stem if campaign is None else campaign.strip()
    if not name:
        stop("--campaign needs a name", BAD_INPUT)
    if not file.is_file():
        stop(f"{file}: there is no such file", BAD_INPUT)
    # Imported here: what reads and stores votes would slow the start of every other command.
    from arena.cli.importing import import_votes

    import_votes(
        file,
        source,
        renamed,
        database_url,
        dry_run=dry_run,
        skip_bad_rows=skip_bad_rows,
        merge_models=merge_models,
        campaign=name,
    )


@import_.command("replies")
def replies(
    file: Annotated[Path, typer.Argument(help="The file with the replies.")],
    campaign: Annotated[str, typer.Option(metavar="NAME", help="The campaign that they are for.")],
    model: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Whose replies all of them are, whatever the file says."),
    ] = None,
    format: Annotated[  # noqa: A002 - the contract's word
        str, typer.Option(help=f"One of {AUTO}, {', '.join(ReplyFormat)}.")
    ] = AUTO,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do everything and take it back.")
    ] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Import replies of a campaign's imported models: all of them, or none when a row is bad."""
    source = None if format == AUTO else _reply_format(format)
    if not file.is_file():
        stop(f"{file}: there is no such file", BAD_INPUT)
    # Imported here: what stores replies would slow the start of every other command.
    from arena.cli.importing_replies import import_replies

    key = None if model is None else ModelKey(model)
    import_replies(file, campaign, source, database_url, model=key, dry_run=dry_run)


@import_.command("campaign")
def campaign(
    file: Annotated[Path, typer.Argument(help="The archive, as `arena campaign export` writes.")],
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Import the archive of a campaign: all of it, or nothing."""
    if not file.is_file():
        stop(f"{file}: there is no such file", BAD_INPUT)
    # Imported here: what stores archives would slow the start of every other command.
    from arena.cli.importing_campaign import import_campaign

    import_campaign(file, database_url)


def _reply_format(word: str) -> ReplyFormat:
    try:
        return ReplyFormat(word)
    except ValueError:
        known = ", ".join((AUTO, *ReplyFormat))
        stop(f"--format {word} is unknown; choose one of {known}", BAD_INPUT)


def _format(word: str) -> VoteFormat | None:
    """Return the format that was named; None for the one that the file itself shows."""
    if word == AUTO:
        return None
    try:
        return VoteFormat(word)
    except ValueError:
        known = ", ".join((AUTO, *VoteFormat))
        stop(f"--format {word} is unknown; choose one of {known}", BAD_INPUT)


def _columns(text: str | None) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",")] if text is not None else []
    renamed = {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
    if len(renamed) < len(pairs) or not all((*renamed, *renamed.values())):
        stop(
            f"--columns {text}: write OURS=THEIRS,OURS=THEIRS, each of ours once, such as "
            "annotator=user,verdict=vote",
            BAD_INPUT,
        )
    return renamed
