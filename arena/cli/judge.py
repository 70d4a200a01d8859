"""`arena judge`: what the verdicts of a judge that is no person are worth beside people's."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.board_columns import percent
from arena.cli.board_filter import filter_of_options, with_filter_options
from arena.cli.database import BAD_INPUT, DEFAULT_URL, FAILURE, DatabaseUrl, opened, stop
from arena.cli.import_report import described_faults
from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized

if TYPE_CHECKING:
    from arena.services.judge.comparing import JudgeReport
    from arena.services.judge.reading import JudgeVerdict
    from arena.statistics.clustered_share import ClusteredShare
    from arena.statistics.intervals import Interval


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
    if as_json:
        typer.echo(json.dumps(_document(report), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_lines(report)))


def _verdicts(file: Path) -> "tuple[JudgeVerdict, ...]":
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


def _lines(report: "JudgeReport") -> Iterator[str]:
    yield (
        f"{pluralized(report.shared, 'comparison')} of people that the judge judged too, "
        f"{report.others} of the judge alone; {report.left_out} verdicts left out"
    )
    yield ""
    yield from table_lines("Agreement with people", _agreement_columns(report), width=None)
    yield ""
    yield _about_position(report)
    yield (
        f"length: the longer answer wins {_share(report.length.judge)} of the judge's decisive "
        f"verdicts, {_share(report.length.people)} of people's on the same comparisons"
    )
    yield ""
    yield from table_lines("Win:loss rate of people without ties", _rates(report), width=None)
    yield "with the judge: right on average whatever the judge says (prediction-powered inference),"
    yield "as long as comparisons with and without votes are of one kind. It is no vote."


def _about_position(report: "JudgeReport") -> str:
    found = report.position
    if not found.asked_twice:
        return "position: no comparison was judged in both orders"
    return (
        f"position: {percent(found.consistency)} of {found.asked_twice} judged in both orders keep "
        f"their verdict; {found.first} chose the first answer both times, {found.second} the second"
    )


def _agreement_columns(report: "JudgeReport") -> list[Column]:
    rows = {"all": report.agreement}
    rows |= {name or "no category": found for name, found in report.categories.items()}
    found = list(rows.values())
    return [
        Column("category", [plain(name) for name in rows], name=True),
        Column("comparisons", [str(one.same.trials) for one in found]),
        Column("same verdict", [percent(one.same.share) for one in found]),
        Column("95 %", [_bounds(one.same.interval) for one in found]),
        Column("same winner", [percent(one.winner.share) for one in found]),
        Column("of", [str(one.winner.trials) for one in found]),
        Column("kappa", ["-" if one.kappa is None else f"{one.kappa:.2f}" for one in found]),
    ]


def _rates(report: "JudgeReport") -> list[Column]:
    pairs, found = list(report.pairs), list(report.pairs.values())
    return [
        Column("model", [plain(pair.model) for pair in pairs], name=True),
        Column("opponent", [plain(pair.opponent) for pair in pairs], name=True),
        Column("people alone", [percent(one.alone) for one in found]),
        Column("95 %", [_bounds(one.alone_interval) for one in found]),
        Column("with the judge", [percent(one.rate) for one in found]),
        Column("95 % ", [_bounds(one.interval) for one in found]),
        Column("votes", [str(one.people) for one in found]),
        Column("judge alone", [str(one.others) for one in found]),
        Column("weight", [f"{one.weight:.2f}" for one in found]),
    ]


def _share(found: "ClusteredShare") -> str:
    return f"{percent(found.share)} ({_bounds(found.interval)}) of {found.trials}"


def _bounds(interval: "Interval | None") -> str:
    return f"{100 * interval.low:.1f}-{100 * interval.high:.1f}" if interval else "-"


def _document(report: "JudgeReport") -> dict[str, Any]:
    def share(found: "ClusteredShare") -> dict[str, Any]:
        ends = found.interval
        return {
            "share": found.share,
            "low": ends.low if ends else None,
            "high": ends.high if ends else None,
            "comparisons": found.trials,
        }

    rows = {"all": report.agreement, **{f"{k}": v for k, v in report.categories.items()}}
    return {
        "shared": report.shared,
        "others": report.others,
        "left_out": report.left_out,
        "agreement": [
            {
                "category": name,
                "same": share(one.same),
                "winner": share(one.winner),
                "kappa": one.kappa,
            }
            for name, one in rows.items()
        ],
        "position": {
            "asked_twice": report.position.asked_twice,
            "consistent": report.position.consistent,
            "first": report.position.first,
            "second": report.position.second,
        },
        "length": {"judge": share(report.length.judge), "people": share(report.length.people)},
        "pairs": [
            {
                "model": pair.model,
                "opponent": pair.opponent,
                "people_rate": one.alone,
                "people_low": one.alone_interval.low if one.alone_interval else None,
                "people_high": one.alone_interval.high if one.alone_interval else None,
                "rate": one.rate,
                "low": one.interval.low if one.interval else None,
                "high": one.interval.high if one.interval else None,
                "weight": one.weight,
                "votes": one.people,
                "judge_alone": one.others,
            }
            for pair, one in report.pairs.items()
        ],
    }
