"""`arena figure`: the win rates of a model against every opponent, drawn for print."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.board_filter import filter_of_options, known_model, with_filter_options
from arena.cli.database import BAD_INPUT, DEFAULT_URL, FAILURE, DatabaseUrl, known, opened, stop
from arena.cli.wording import pluralized

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arena.domain.conversation import ModelKey
    from arena.services.board.details import DetailedBoard
    from arena.web.leaderboard.figures.content import FigureContent


@with_filter_options
def figure(
    baseline: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="The model shown; that with the best rate by default."),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(help="The file; its ending, .svg, .png, .pdf or .csv, says what it is."),
    ] = Path("figure.svg"),
    locale: Annotated[str, typer.Option(help="The language of its words.")] = "en",
    database_url: DatabaseUrl = DEFAULT_URL,
    **options: Any,
) -> None:
    """Draw the win:loss rates of one model against every opponent, as the leaderboard does."""
    # Imported here: drawing and statistics would slow the start of every command.
    from arena.services.board.details import detailed_board
    from arena.web.leaderboard.figures.writing import FigureKind, written

    kind = output.suffix.removeprefix(".").lower()
    if kind not in set(FigureKind):
        stop(f"{output}: its name ends in none of .svg, .png, .pdf, .csv", BAD_INPUT)
    with opened(database_url) as database:
        key = None if baseline is None else known_model(database, baseline)
        detailed = detailed_board(database, filter_of_options(database, options))
    contents = _contents(detailed, key, locale)
    try:
        output.write_bytes(written(FigureKind(kind), contents))
    except OSError as error:
        stop(f"{output} cannot be written: {error.strerror}", FAILURE)
    shown = contents[0]
    opponents = pluralized(len(shown.bars), "opponent")
    ballots = pluralized(detailed.board.votes, "ballot")
    typer.echo(f"{output}: {shown.title} against {opponents}, {ballots}")


def _contents(
    detailed: "DetailedBoard", baseline: "ModelKey | None", locale: str
) -> "Sequence[FigureContent]":
    """Return the figure in the wanted language, and in the default one for want of a font."""
    from arena.domain.localized import DEFAULT_LANGUAGE
    from arena.inference.clock import SystemClock
    from arena.web.common.texts import load_texts
    from arena.web.leaderboard.figures.writing import figure_of

    texts = load_texts().by_language
    known("there are no words in", locale, texts)
    best = next((result.model for result in detailed.board.best_first), None)
    model, today = baseline or best, SystemClock().now().date()
    found = [
        content
        for name in (locale, DEFAULT_LANGUAGE)
        if model is not None
        and (content := figure_of(detailed, model, texts[name], today)) is not None
    ]
    if not found:
        about = f" on {baseline}" if baseline else ""
        stop(f"there is no vote{about} under these filters: nothing to draw", BAD_INPUT)
    return found
