"""`arena plan`: how many people and votes a campaign needs, before it begins or after a pilot."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.board_filter import filter_of_options, with_filter_options
from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, opened, stop
from arena.cli.wording import pluralized

if TYPE_CHECKING:
    from arena.statistics.campaign_plans import CampaignPlan, Collecting, Likeness, Pilot

_RATE, _EACH, _TIE_RATE = 0.6, 10, 0.25


@with_filter_options
def plan(
    rate: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="The win rate to tell from one half; default 0.6."),
    ] = None,
    half_width: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Instead: the half-width of the interval, as 0.05."),
    ] = None,
    model_count: Annotated[
        int, typer.Option("--models", min=2, metavar="N", help="Models that meet, in all pairs.")
    ] = 2,
    each: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Votes of a person on each pair; default 10."),
    ] = None,
    per_prompt: Annotated[
        float | None,
        typer.Option(min=1, metavar="N", help="Votes on a prompt for each pair; default 1."),
    ] = None,
    tie_rate: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Votes that name no winner; default 0.25."),
    ] = None,
    design_effect: Annotated[
        float | None,
        typer.Option(
            metavar="X", help="Variance over that of independent votes, if you know better than 1."
        ),
    ] = None,
    pilot: Annotated[
        bool, typer.Option("--pilot", help="Learn all that is not given from the votes so far.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
    **options: Any,
) -> None:
    """Say how many people, votes and prompts tell models apart, or make intervals narrow.

    With --pilot, how much people differ, how many votes each casts and how often they tie are those
    of the votes in the database, under the filters of the leaderboard.
    """
    question = _Question(rate, half_width, model_count * (model_count - 1) // 2)
    learnt = _learnt(database_url, options) if pilot else None
    collecting = _collecting(learnt, each, per_prompt, tie_rate)
    likeness = _likeness(learnt, design_effect, collecting.each)
    found = question.plan(likeness, collecting)
    if as_json:
        typer.echo(json.dumps(_document(found, question, likeness, collecting), indent=2))
        return
    for line in (*_answer(question, found, collecting), _basis(likeness, collecting, learnt)):
        typer.echo(line)


@dataclass(frozen=True, slots=True)
class _Question:
    """A rate to tell from one half, or a half-width around a rate, for each of so many pairs."""

    rate: float | None
    half_width: float | None
    pairs: int

    def plan(self, likeness: "Likeness", collecting: "Collecting") -> "CampaignPlan | None":
        """Return the plan; end the command where the question makes no sense."""
        from arena.statistics.campaign_plans import plan_for_half_width, plan_to_tell_apart

        try:
            if self.half_width is None:
                wanted = _RATE if self.rate is None else self.rate
                return plan_to_tell_apart(wanted, likeness, collecting, pairs=self.pairs)
            middle = 0.5 if self.rate is None else self.rate
            return plan_for_half_width(self.half_width, likeness, collecting, rate=middle)
        except ValueError as error:
            stop(str(error), BAD_INPUT)

    def __str__(self) -> str:
        if self.half_width is not None:
            around = 50 if self.rate is None else 100 * self.rate
            wide = f"{100 * self.half_width:g} points around a win rate of {around:g} %"
            return f"For 95 % intervals of about ± {wide}"
        wanted = 100 * (_RATE if self.rate is None else self.rate)
        many = f", for each of {self.pairs} pairs (Holm)" if self.pairs > 1 else ""
        return f"To tell a win rate of {wanted:g} % from one half with 80 % power{many}"


def _learnt(database_url: str, options: dict[str, Any]) -> "Pilot":
    # Imported here: numpy and scipy would double the start of every other command.
    from arena.services.board.details import detailed_board
    from arena.statistics.campaign_plans import pilot_of

    with opened(database_url) as database:
        rates = detailed_board(database, filter_of_options(database, options)).rates.pairs
    found = pilot_of(rate for pair, rate in rates.items() if pair.model < pair.opponent)
    if found is None:
        stop(
            "no pair tells how much annotators differ: a pilot needs 30 decisive comparisons of a "
            "pair by at least 8 annotators, some of whom voted twice; or give your guess without "
            "--pilot",
            BAD_INPUT,
        )
    return found


def _collecting(
    learnt: "Pilot | None", each: int | None, per_prompt: float | None, tie_rate: float | None
) -> "Collecting":
    from arena.statistics.campaign_plans import Collecting

    start = learnt.collecting if learnt else Collecting(_EACH, tie_rate=_TIE_RATE)
    if tie_rate is not None and not 0 <= tie_rate < 1:
        stop(f"--tie-rate is a share from 0 to below 1, not {tie_rate:g}", BAD_INPUT)
    return Collecting(
        start.each if each is None else each,
        start.per_prompt if per_prompt is None else per_prompt,
        start.tie_rate if tie_rate is None else tie_rate,
    )


def _likeness(learnt: "Pilot | None", effect: float | None, each: int) -> "Likeness":
    from arena.statistics.campaign_plans import Likeness, likeness_of_design_effect

    if effect is None:
        return learnt.likeness if learnt else Likeness()
    try:
        return likeness_of_design_effect(effect, each)
    except ValueError as error:
        stop(f"--design-effect: {error}", BAD_INPUT)


def _answer(
    question: _Question, found: "CampaignPlan | None", collecting: "Collecting"
) -> Iterator[str]:
    if found is None:
        yield f"{question} no number of people is enough:"
        yield "  what prompts differ by does not average out. Have fewer votes on each prompt."
        return
    yield f"{question}:"
    yield f"  {found.people:,} people x {collecting.each} votes on each pair"
    votes = f"{found.votes:,} votes on a pair, {found.decisive:,} of them decisive"
    yield f"  = {votes}, on {found.prompts:,} prompts"
    if question.pairs > 1:
        every = f"{found.votes * question.pairs:,} votes on {question.pairs} pairs"
        yield f"  = {every}, or {found.votes:,} rankings of all models on one page"


def _basis(likeness: "Likeness", collecting: "Collecting", learnt: "Pilot | None") -> str:
    alike = (
        f"{100 * likeness.annotator:.1f} % of the variance of votes lies between people and "
        f"{100 * likeness.prompt:.1f} % between prompts"
    )
    source = _source(learnt.pairs) if learnt else "Assumed"
    ties = f"{100 * collecting.tie_rate:.0f} % of votes name no winner"
    return (
        f"{source}: {alike}; {ties}; {collecting.per_prompt:.1f} votes on a prompt for each pair."
    )


def _source(pairs: int) -> str:
    return f"As {pluralized(pairs, 'pair')} of the pilot {'has' if pairs == 1 else 'have'} it"


def _document(
    found: "CampaignPlan | None",
    question: _Question,
    likeness: "Likeness",
    collecting: "Collecting",
) -> dict[str, Any]:
    return {
        "plan": asdict(found) if found else None,
        "pairs": question.pairs,
        "collecting": asdict(collecting),
        "likeness": asdict(likeness),
    }
