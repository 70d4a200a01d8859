"""`arena judge`: what the verdicts of a judge that is no person are worth beside people's."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.board_filter import filter_of_options, with_filter_options
from arena.cli.database import BAD_INPUT, DEFAULT_URL, FAILURE, DatabaseUrl, opened, stop
from arena.cli.wording import pluralized

if TYPE_CHECKING:
    from arena.services.judge.reading import JudgeVerdict


@with_filter_options
def judge(
    file: Annotated[Path, typer.Argument(help="CSV, JSON, JSON Lines or Parquet of verdicts.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
    **options: Any,
) -> None:
    """Compare the verdicts of an LLM judge with those of people; nothing of them is stored.

    The file has the columns battle_id, model_a, model_b and verdict, as `arena export comparisons`
    writes them; the judge saw the answer of model_a first. Verdicts on battles without a vote make
    the rates of people more certain (prediction-powered inference).
    """
    verdicts = _verdicts(file)
    # Imported here: numpy and scipy would double the start of every other command.
    from arena.services.judge.comparing import judge_report

    with opened(database_url) as database:
        board_filter = filter_of_options(database, options)
        with database.reading() as connection:
            report = judge_report(connection, board_filter, verdicts)
    from arena.cli.judge_report import judge_document, judge_lines

    if as_json:
        typer.echo(json.dumps(judge_document(report), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(judge_lines(report)))


def _verdicts(file: Path) -> "tuple[JudgeVerdict, ...]":
    from arena.cli.import_report import described_faults
    from arena.services.importing.formats import UnreadableFile
    from arena.services.judge.reading import read_judge_file

    try:
        found = read_judge_file(file)
    except UnreadableFile as error:
        stop(f"{file}: {error}", BAD_INPUT)
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}", FAILURE)
    for line in described_faults(found.faults, file):
        typer.echo(line, err=True)
    if found.faults:
        stop(f"Nothing was compared: {pluralized(len(found.faults), 'bad row')}.", BAD_INPUT)
    return found.verdicts
