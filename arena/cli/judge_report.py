"""What `arena judge` prints."""

from collections.abc import Iterator
from typing import Any

from arena.cli.shares import bounds, percent, share_document
from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized
from arena.services.judge.comparing import JudgeReport
from arena.statistics.clustered_share import ClusteredShare


def judge_lines(report: JudgeReport) -> Iterator[str]:
    """Yield agreement, biases and rates as tables and sentences."""
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


def _about_position(report: JudgeReport) -> str:
    found = report.position
    if not found.asked_twice:
        return "position: no comparison was judged in both orders"
    return (
        f"position: {percent(found.consistency)} of {found.asked_twice} judged in both orders keep "
        f"their verdict; {found.first} chose the first answer both times, {found.second} the second"
    )


def _agreement_columns(report: JudgeReport) -> list[Column]:
    rows = {"all": report.agreement}
    rows |= {name or "no category": found for name, found in report.categories.items()}
    found = list(rows.values())
    return [
        Column("category", [plain(name) for name in rows], name=True),
        Column("comparisons", [str(one.same.trials) for one in found]),
        Column("same verdict", [percent(one.same.share) for one in found]),
        Column("95 %", [bounds(one.same.interval) for one in found]),
        Column("same winner", [percent(one.winner.share) for one in found]),
        Column("of", [str(one.winner.trials) for one in found]),
        Column("kappa", ["-" if one.kappa is None else f"{one.kappa:.2f}" for one in found]),
    ]


def _rates(report: JudgeReport) -> list[Column]:
    pairs, found = list(report.pairs), list(report.pairs.values())
    return [
        Column("model", [plain(pair.model) for pair in pairs], name=True),
        Column("opponent", [plain(pair.opponent) for pair in pairs], name=True),
        Column("people alone", [percent(one.alone) for one in found]),
        Column("95 %", [bounds(one.alone_interval) for one in found]),
        Column("with the judge", [percent(one.rate) for one in found]),
        Column("95 % ", [bounds(one.interval) for one in found]),
        Column("votes", [str(one.people) for one in found]),
        Column("judge alone", [str(one.others) for one in found]),
        Column("weight", [f"{one.weight:.2f}" for one in found]),
    ]


def _share(found: ClusteredShare) -> str:
    return f"{percent(found.share)} ({bounds(found.interval)}) of {found.trials}"


def judge_document(report: JudgeReport) -> dict[str, Any]:
    """Return the same as one document, shares from 0 to 1."""
    rows = {"all": report.agreement, **{f"{k}": v for k, v in report.categories.items()}}
    return {
        "shared": report.shared,
        "others": report.others,
        "left_out": report.left_out,
        "agreement": [
            {
                "category": name,
                "same": _share_document(one.same),
                "winner": _share_document(one.winner),
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
        "length": {
            "judge": _share_document(report.length.judge),
            "people": _share_document(report.length.people),
        },
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


def _share_document(found: ClusteredShare) -> dict[str, Any]:
    return {**share_document(found.share, found.interval), "comparisons": found.trials}
