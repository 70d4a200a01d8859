"""`arena campaign status`: its replies, how far it is, and how its annotators judge."""

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
    """Show how far a campaign is: replies that are not whole, ballots, and who gave them."""
    # Imported here: SQLAlchemy and SciPy would slow the start of every command.
    from arena.cli.campaign_progress import progress_document, progress_lines
    from arena.cli.campaign_quality import quality_document, quality_lines
    from arena.cli.campaign_replies import document_of, reply_lines
    from arena.domain.assignment import CampaignState
    from arena.inference.clock import SystemClock
    from arena.services.campaigns.progress import ProgressReports
    from arena.services.campaigns.quality.qualities import CampaignQualities
    from arena.services.campaigns.refusals import CampaignRefused
    from arena.services.campaigns.replies.plans import CampaignReplies

    with opened(database_url) as database:
        try:
            plan, places = CampaignReplies(database).places(name)
            progress = ProgressReports(database, SystemClock()).progress(name)
            found = CampaignQualities(database).quality(name) if quality or as_json else None
        except CampaignRefused as error:
            stop(str(error), BAD_INPUT)
    opened_once = progress.state is not CampaignState.CREATED
    if as_json:
        judged = quality_document(found) if found and (quality or found.ballots) else None
        print_json(
            {
                **document_of(plan, places),
                **({"progress": progress_document(progress)} if opened_once else {}),
                **({"quality": judged} if judged else {}),
            }
        )
        return
    for line in reply_lines(plan, places) if found is None else quality_lines(found):
        typer.echo(line)
    if found is None and opened_once:
        typer.echo()
        for line in progress_lines(progress):
            typer.echo(line)
