"""`arena campaign members`: who takes part, for the platform that pays them."""

from pathlib import Path
from typing import Annotated

import typer

from arena.cli.database import BAD_INPUT, DEFAULT_URL, FAILURE, DatabaseUrl, opened, stop
from arena.cli.export import STANDARD_OUTPUT, write
from arena.cli.shown_prompts import print_json


def members(
    name: Annotated[str, typer.Argument(help="The campaign's name.")],
    output: Annotated[
        Path, typer.Option(help="CSV file to write, whole or not at all; - is standard output.")
    ] = STANDARD_OUTPUT,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """List who takes part, with their ids of the crowd platform, as CSV."""
    # Imported here: SQLAlchemy and SciPy would slow the start of every command.
    from arena.services.campaigns.member_lists import MemberLists, document_of, member_file
    from arena.services.campaigns.refusals import CampaignRefused

    if output != STANDARD_OUTPUT:
        if as_json:
            stop("--output is for CSV: leave out --json, or send it to a file with >", BAD_INPUT)
        if output.is_dir() or not output.parent.is_dir():
            stop(f"--output {output}: not a file in an existing directory", BAD_INPUT)
    with opened(database_url) as database:
        try:
            found = MemberLists(database).members(name)
        except CampaignRefused as refused:
            stop(str(refused), BAD_INPUT)
    if as_json:
        print_json({"campaign": name, "members": [document_of(one) for one in found]})
        return
    try:
        write(member_file(found), output)
    except OSError as error:
        stop(f"the list was not written: {error}", FAILURE)
