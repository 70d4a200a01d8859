"""What a verdict between two models hangs on, and what may be said of it at any moment."""

from markupsafe import Markup

from arena.services.board.quality import BoardQuality
from arena.statistics.pair_quality import Fragile, PairQuality
from arena.statistics.sequential import Claim, Lead, SequentialVerdict
from arena.statistics.sequential_blocks import LEAST_BLOCKS
from arena.statistics.win_rate import Pair
from arena.web.leaderboard.parts.numbers import NONE, amount, count
from arena.web.leaderboard.parts.sections import panel, paragraphs, stacked
from arena.web.leaderboard.parts.table import Cell, Row, figure_cell, legend, table, text_cell
from arena.web.leaderboard.view import BoardView

MOST_PAIRS = 20
"""Without a chosen model, the pairs with most votes alone: there are thousands of pairs."""

_UNITS = {
    Claim.THOSE_WHO_VOTED: "decisive",
    Claim.LIKE_THESE_ANNOTATORS: "five_votes",
    Claim.LIKE_THESE_PROMPTS: "prompts",
    Claim.LIKE_BOTH: "own_prompts",
}
"""What a verdict rests on."""
_COLUMNS = (
    *("leader", "trailing", "lead", "votes_to_undo", "annotators_to_undo", "prompts_to_undo"),
    *("verdict_votes", "verdict_annotators", "verdict_prompts", "verdict_both"),
)


def firmness(view: BoardView, found: BoardQuality) -> Markup:
    """Return a row for each pair, told from the side of the model that is ahead."""
    texts, pairs = view.texts, _pairs(view, found)
    hint = "firmness_of_one" if view.query.baseline else "firmness_of_all"
    said = ("firmness_hint", "firmness_key", hint)
    lines = (texts[f"leaderboard.{name}"] for name in said)
    rows = [_row(view, pair, uneven=pair.pair in found.uneven) for pair in pairs]
    return panel(
        texts["leaderboard.firmness"],
        paragraphs(line.format(most=MOST_PAIRS) for line in lines),
        table("firmness", _COLUMNS, rows, texts),
        legend(_COLUMNS, texts),
    )


def _pairs(view: BoardView, found: BoardQuality) -> list[PairQuality]:
    votes = {Pair(one.model, one.opponent): one.record.decisive for one in view.board.pairs}
    baseline = view.query.baseline
    pairs = [
        pair
        for pair in found.pairs
        if (pair.model == baseline if baseline else pair.model < pair.opponent)
    ]
    ordered = sorted(pairs, key=lambda pair: (-votes.get(pair, 0), pair))
    return [_from_the_leader(found, pair) for pair in ordered[: None if baseline else MOST_PAIRS]]


def _from_the_leader(found: BoardQuality, pair: Pair) -> PairQuality:
    one = found.pairs[pair]
    leads = one.fragile is None or one.fragile.leader == pair.model
    return one if leads else found.pairs[Pair(pair.opponent, pair.model)]


def _row(view: BoardView, one: PairQuality, *, uneven: bool) -> Row:
    names = (text_cell(view.name(one.pair.model)), text_cell(view.name(one.pair.opponent)))
    verdicts = (one.by_votes, one.by_annotators, one.by_prompts, one.by_both)
    shown = (_no_verdict(view) if uneven else _verdict(view, verdict) for verdict in verdicts)
    return Row([*names, *_undoing(view, one.fragile), *shown])


def _undoing(view: BoardView, fragile: Fragile | None) -> list[Cell]:
    if fragile is None:
        return [figure_cell(view.texts["leaderboard.plan.level"], 0), *[figure_cell(NONE)] * 3]
    removals = (
        (fragile.votes_to_level, fragile.votes_to_reverse),
        (fragile.annotators_to_level, fragile.annotators_to_reverse),
        (fragile.prompts_to_level, fragile.prompts_to_reverse),
    )
    return [
        figure_cell(count(fragile.lead), fragile.lead),
        *(figure_cell(f"{count(level)} / {_number(over)}", level) for level, over in removals),
    ]


def _number(found: int | None) -> str:
    return NONE if found is None else count(found)


def _no_verdict(view: BoardView) -> Cell:
    """Return the cell of a pair shown in one order, where a lean to a side looks like a lead."""
    texts = view.texts
    return Cell(stacked(texts["leaderboard.lead.too_few"], texts["leaderboard.lead.one_order"]))


def _verdict(view: BoardView, verdict: SequentialVerdict) -> Cell:
    """Return the evidence in words: the number behind it means little to most."""
    few = verdict.claim is not Claim.THOSE_WHO_VOTED and verdict.units < LEAST_BLOCKS
    name, place = ("too_few", "least") if few else (verdict.lead.name.lower(), "units")
    word = view.texts[f"leaderboard.lead.{name}"]
    shown = word if verdict.lead is Lead.OPEN else Markup("<b>{}</b>").format(word)
    units = view.texts[f"leaderboard.lead.{place}"].format(
        units=amount(_UNITS[verdict.claim], verdict.units, view.texts), least=count(LEAST_BLOCKS)
    )
    return Cell(stacked(shown, units), verdict.log_e)
