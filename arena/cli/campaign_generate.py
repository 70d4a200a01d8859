"""`arena campaign generate`: all replies of a campaign."""

import asyncio
import os
import signal
from collections.abc import Coroutine, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from arena.catalog import CatalogError, ModelCatalog, load_catalog
from arena.cli.database import BAD_INPUT, DEFAULT_URL, FAILURE, DatabaseUrl, opened, stop
from arena.cli.operator_files import DEFAULT_MODELS, CatalogFile
from arena.cli.shown_prompts import print_json
from arena.domain.campaign_replies import REPEATABLE, ReplyStatus
from arena.domain.conversation import ModelKey
from arena.logs import configure_logging

_INTERRUPTED = 130
"""As shells tell of a program that Ctrl+C has ended."""

T = TypeVar("T")


def generate(
    name: Annotated[str, typer.Argument(help="The campaign's name.")],
    models: CatalogFile = DEFAULT_MODELS,
    only: Annotated[
        str | None, typer.Option(metavar="KEYS", help="Ask just these models: KEY,KEY.")
    ] = None,
    again: Annotated[
        str | None,
        typer.Option(metavar="KINDS", help="Ask again for replies that are: failed,cut,empty."),
    ] = None,
    max_new_tokens: Annotated[
        int | None, typer.Option(min=1, help="Budget of each reply, instead of the catalog's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Generate the replies that a campaign lacks, model by model. Goes on where it was stopped."""
    # Imported here: pools and statistics of replies would slow the start of every other command.
    from arena.cli.campaign_replies import document_of, outcome_lines, reply_lines
    from arena.cli.generation_bars import reporting
    from arena.inference.clock import SystemClock
    from arena.services.campaigns.refusals import CampaignRefused
    from arena.services.campaigns.replies.generating import Generation, GenerationOptions
    from arena.services.campaigns.replies.plans import CampaignReplies
    from arena.services.campaigns.replies.serving import OneModelAtATime
    from arena.storage.database import UnusableLedger

    configure_logging(verbose=False)
    options = GenerationOptions(_keys(only), _statuses(again), max_new_tokens)
    catalog, clock = _catalog(models), SystemClock()
    server = OneModelAtATime(catalog, clock, os.environ)
    with opened(database_url) as database:
        generation = Generation(database, catalog, server, clock)
        try:
            with reporting(clock) as report:
                outcomes = asyncio.run(_stoppable(generation.run(name, options, report)))
        except (CampaignRefused, CatalogError) as error:
            stop(str(error), BAD_INPUT)
        except UnusableLedger as error:
            stop(str(error), FAILURE)
        except (KeyboardInterrupt, asyncio.CancelledError):
            stop("Stopped. Every whole reply is kept; the same command goes on.", _INTERRUPTED)
        plan, places = CampaignReplies(database).places(name)
    if as_json:
        done = [asdict(outcome) for outcome in outcomes]
        print_json({**document_of(plan, places), "generated": done})
    else:
        for line in (*outcome_lines(outcomes), *reply_lines(plan, places)):
            typer.echo(line)
    asked = {outcome.key for outcome in outcomes}
    lacking = any(not one.status.has_text for one in places if one.model in asked)
    if lacking or any(outcome.given_up for outcome in outcomes):
        raise typer.Exit(FAILURE)


async def _stoppable(work: Coroutine[Any, Any, T]) -> T:
    """Await a coroutine that SIGTERM cancels, as Ctrl+C does."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def _catalog(models: Path) -> ModelCatalog:
    from arena.inference.cpu_formats import with_cpu_formats

    try:
        return with_cpu_formats(load_catalog(models), os.environ)
    except CatalogError as error:
        stop(str(error), BAD_INPUT)


def _keys(text: str | None) -> frozenset[ModelKey] | None:
    return None if text is None else frozenset(map(ModelKey, _words(text, "--only")))


def _statuses(text: str | None) -> frozenset[ReplyStatus]:
    if text is None:
        return frozenset()
    words, known = _words(text, "--again"), [status.value for status in REPEATABLE]
    for word in words:
        if word not in known:
            stop(f"--again {word} is unknown; choose of {', '.join(known)}", BAD_INPUT)
    return frozenset(map(ReplyStatus, words))


def _words(text: str, option: str) -> Sequence[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        stop(f"{option} needs a value", BAD_INPUT)
    return words
