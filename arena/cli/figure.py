"""`arena figure`: win rates, the matrix of all pairs or ratings, drawn for print."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.board_filter import filter_of_options, known_model, with_filter_options
from arena.cli.database import BAD_INPUT, DEFAULT_URL, FAILURE, DatabaseUrl, known, opened, stop
from arena.cli.wording import pluralized
from arena.web.leaderboard.figure_style import (
    FigureChoice,
    FigureStyle,
    FigureSubject,
    FigureWidth,
    TooManyModelsError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arena.domain.conversation import ModelKey
    from arena.services.board.details import DetailedBoard
    from arena.web.leaderboard.figures.subjects import AnyContent


@with_filter_options
def figure(
    of: Annotated[
        FigureSubject,
        typer.Option(help="Models with their opponents, or rates, matrix or ratings of all."),
    ] = FigureSubject.MODELS,
    baseline: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY",
            help="The model shown, several times for a panel each; by default the best rate's.",
        ),
    ] = None,
    opponent: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="Only this opponent; may be given several times."),
    ] = None,
    least: Annotated[
        int, typer.Option(min=0, metavar="N", help="Only opponents with N decisive comparisons.")
    ] = 0,
    width: Annotated[
        FigureWidth, typer.Option(help="Columns of a page: one is 84 mm, two are 174 mm.")
    ] = FigureWidth.TWO,
    titles: Annotated[bool, typer.Option(help="Say above what is shown.")] = True,
    notes: Annotated[bool, typer.Option(help="Say below what was counted.")] = True,
    grey: Annotated[bool, typer.Option("--grey", help="Without colours.")] = False,
    output: Annotated[
        Path,
        typer.Option(help="The file; its ending, .svg, .png, .pdf or .csv, says what it is."),
    ] = Path("figure.svg"),
    locale: Annotated[str, typer.Option(help="The language of its words.")] = "en",
    database_url: DatabaseUrl = DEFAULT_URL,
    **options: Any,
) -> None:
    """Draw the win:loss rates of one model against every opponent, as the leaderboard does.

    `--of rates|matrix|ratings` draws all models instead.
    """
    # Imported here: drawing and statistics would slow the start of every command.
    from arena.services.board.details import detailed_board
    from arena.web.leaderboard.figures.writing import FigureKind, written

    kind = output.suffix.removeprefix(".").lower()
    if kind not in set(FigureKind):
        stop(f"{output}: its name ends in none of .svg, .png, .pdf, .csv", BAD_INPUT)
    with opened(database_url) as database:
        models = [known_model(database, key) for key in dict.fromkeys(baseline or ())]
        opponents = frozenset(known_model(database, key) for key in opponent or ())
        detailed = detailed_board(database, filter_of_options(database, options))
    choice = _choice(detailed, of, models, opponents, least)
    contents = _contents(detailed, choice, locale)
    style = FigureStyle(width=width, titles=titles, notes=notes, grey=grey)
    try:
        output.write_bytes(written(FigureKind(kind), contents, style))
    except TooManyModelsError as error:
        stop(f"{error}; choose some with --among, or --width two", BAD_INPUT)
    except OSError as error:
        stop(f"{output} cannot be written: {error.strerror}", FAILURE)
    votes = pluralized(detailed.board.votes, "vote")
    for line in _summary(contents[0]):
        typer.echo(f"{output}: {line}, {votes}")


def _summary(content: "AnyContent") -> "Iterator[str]":
    """Yield what the figure shows, in a line for each panel of models."""
    from arena.web.leaderboard.figures.ratings import RatingsContent

    if isinstance(content, RatingsContent):
        yield f"ratings of {pluralized(len(content.rows), 'model')}"
    elif content.subject is FigureSubject.MATRIX:
        yield f"matrix of {pluralized(len(content.panels), 'model')}"
    elif content.subject is FigureSubject.RATES:
        yield f"rates of {pluralized(len(content.panels[0].bars), 'model')}"
    else:
        for panel in content.panels:
            yield f"{panel.title} against {pluralized(len(panel.bars), 'opponent')}"


def _choice(
    detailed: "DetailedBoard",
    subject: FigureSubject,
    models: "Sequence[ModelKey]",
    opponents: "frozenset[ModelKey]",
    least: int,
) -> FigureChoice:
    if subject is not FigureSubject.MODELS:
        if models or opponents or least:
            stop(
                f"--of {subject.value} shows all models: --baseline, --opponent and --least "
                "choose what --of models shows; --among chooses models for all",
                BAD_INPUT,
            )
        return FigureChoice(models=(), subject=subject)
    best = [result.model for result in detailed.board.best_first][:1]
    try:
        return FigureChoice(models=tuple(models or best), opponents=opponents, least=least)
    except ValueError as error:
        stop(str(error), BAD_INPUT)


def _contents(
    detailed: "DetailedBoard", choice: FigureChoice, locale: str
) -> "Sequence[AnyContent]":
    """Return the figure in the wanted language, and in the default one for want of a font."""
    from arena.domain.localized import DEFAULT_LANGUAGE
    from arena.inference.clock import SystemClock
    from arena.web.common.texts import load_texts
    from arena.web.leaderboard.figures.writing import figure_of

    texts = load_texts().by_language
    known("there are no words in", locale, texts)
    today = SystemClock().now().date()
    found = [
        content
        for name in (locale, DEFAULT_LANGUAGE)
        if (content := figure_of(detailed, choice, texts[name], today)) is not None
    ]
    if not found:
        if choice.subject is FigureSubject.RATINGS and detailed.board.comparisons:
            stop("no model has a rating under these filters: nothing to draw", BAD_INPUT)
        about = f" on {', '.join(choice.models)}" if choice.models else ""
        stop(f"there is no vote{about} under these filters: nothing to draw", BAD_INPUT)
    return found
