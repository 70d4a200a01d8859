"""`arena campaign status`: which replies a campaign has, and which it lacks."""

from typing import Annotated

import typer

from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, opened, stop
from arena.cli.shown_prompts import print_json


def status(
    name: Annotated[str, typer.Argument(help="The campaign's name.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """List the replies of a campaign that are missing, failed, empty or cut."""
    # Imported here: SQLAlchemy would slow the start of every command.
    from arena.cli.campaign_replies import document_of, reply_lines
    from arena.services.campaigns.refusals import CampaignRefused
    from arena.services.campaigns.replies.plans import CampaignReplies

    with opened(database_url) as database:
        try:
            plan, places = CampaignReplies(database).places(name)
        except CampaignRefused as error:
            stop(str(error), BAD_INPUT)
    if as_json:
        print_json(document_of(plan, places))
        return
    for line in reply_lines(plan, places):
        typer.echo(line)
