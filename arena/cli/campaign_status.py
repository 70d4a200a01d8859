"""`arena campaign status`: which replies a campaign has, and how its annotators judge."""

from typing import Annotated

import typer

from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, opened, stop
from arena.cli.shown_prompts import print_json


def status(
    name: Annotated[str, typer.Argument(help="The campaign's name.")],
    quality: Annotated[
        bool, typer.Option("--quality", help="Show how each annotator judges, and whom to look at.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """List the replies of a campaign that are missing, failed, empty or cut."""
    # Imported here: SQLAlchemy and SciPy would slow the start of every command.
    from arena.cli.campaign_quality import quality_document, quality_lines
    from arena.cli.campaign_replies import document_of, reply_lines
    from arena.services.campaigns.quality.qualities import CampaignQualities
    from arena.services.campaigns.refusals import CampaignRefused
    from arena.services.campaigns.replies.plans import CampaignReplies

    with opened(database_url) as database:
        try:
            plan, places = CampaignReplies(database).places(name)
            found = CampaignQualities(database).quality(name) if quality or as_json else None
        except CampaignRefused as error:
            stop(str(error), BAD_INPUT)
    if as_json:
        judged = quality_document(found) if found and (quality or found.ballots) else None
        print_json({**document_of(plan, places), **({"quality": judged} if judged else {})})
        return
    for line in reply_lines(plan, places) if found is None else quality_lines(found):
        typer.echo(line)
