"""What more votes could tell: a number of votes for each pair, as an order of magnitude."""

from html import escape

from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.pair_plans import pair_plan
from arena.statistics.win_rate import Pair, PairResult
from arena.web.widgets.board.numbers import count, marks, scope_words, waiting
from arena.web.widgets.board.table import Cell
from arena.web.widgets.board.view import BoardView

_SENTENCES = 3


def plan_cell(found: ClusteredRate | None, view: BoardView) -> Cell:
    """Decisive votes that are missing to tell two models apart."""
    if found is None:
        return Cell(waiting(view, view.texts["leaderboard.plan.told_apart"]))
    needed = pair_plan(found)
    words = view.texts[f"leaderboard.plan.{needed.outlook.name.lower()}"]
    few = marks(("†", scope_words(found, view.texts))) if found.told_apart else ""
    return Cell(escape(words.format(more=count(needed.about or 0))) + few, needed.decisive)


def plan_sentences(view: BoardView, pairs: tuple[PairResult, ...]) -> str:
    """«About 430 more decisive votes tell A from B», nearest decisions first."""
    if view.pending:
        return _lines([view.texts["leaderboard.plan.pending"]])
    needed = [
        (plan.decisive, plan.about, pair)
        for pair in pairs
        if (found := view.pair(Pair(pair.model, pair.opponent))) is not None
        if (plan := pair_plan(found)).decisive
    ]
    nearest = sorted(needed, key=lambda one: one[0] or 0)[:_SENTENCES]
    return _lines([_sentence(view, pair, about or 0) for _, about, pair in nearest])


def _sentence(view: BoardView, pair: PairResult, about: int) -> str:
    return view.texts["leaderboard.plan.sentence"].format(
        more=count(about), model=view.name(pair.model), opponent=view.name(pair.opponent)
    )


def _lines(sentences: list[str]) -> str:
    return "".join(f'<p class="lb-note lb-plan">{escape(sentence)}</p>' for sentence in sentences)
