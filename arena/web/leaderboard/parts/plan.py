"""What more votes could tell: who has to vote how often, as an order of magnitude."""

from markupsafe import Markup, escape

from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.pair_plans import OtherPeople, Outlook, PairPlan, SamePeople, pair_plan
from arena.statistics.planning import two_digits_up
from arena.statistics.win_rate import Pair, PairResult
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.numbers import (
    amount,
    count,
    marks,
    percent,
    scope_words,
    those_who_voted,
    waiting,
)
from arena.web.leaderboard.parts.sections import ROOM, paragraphs, stacked
from arena.web.leaderboard.parts.table import Cell
from arena.web.leaderboard.view import BoardView, Texts

_SENTENCES = 3
_KIND = "lb-note lb-plan"


def plan_cell(found: ClusteredRate | None, view: BoardView) -> Cell:
    """Return how many other people and votes tell two models apart; below, the same people."""
    if found is None:
        return Cell(stacked(waiting(view, _words(view.texts, "told_apart")), ROOM))
    plan = pair_plan(found)
    if plan.outlook is not Outlook.MORE_VOTES:
        few = marks(("†", scope_words(found, view.texts))) if found.is_significant else NOTHING
        return Cell(escape(_words(view.texts, plan.outlook.name.lower())) + few, plan.decisive)
    above, *below = _cell_lines(plan, view.texts)
    return Cell(stacked(above, " · ".join(below)), plan.decisive)


def _cell_lines(plan: PairPlan, texts: Texts) -> tuple[str, ...]:
    same = _same(plan, texts, "same_cell", each=_about(plan.same_each or 0))
    if plan.others is None:
        return same, _words(texts, "these_only")
    others = _words(
        texts, "others", people=_about(plan.others.people), each=count(plan.others.each)
    )
    return others, _range(plan.others, texts), same


def plan_sentences(view: BoardView, pairs: tuple[PairResult, ...]) -> Markup:
    """Return who tells A from B, nearest decisions first."""
    if view.pending:
        return paragraphs([view.texts["leaderboard.plan.pending"]], _KIND)
    needed = [
        (plan.decisive, _sentence(view, pair, found, plan))
        for pair in pairs
        if (found := view.pair(Pair(pair.model, pair.opponent))) is not None
        if (plan := pair_plan(found)).decisive
    ]
    nearest = sorted(needed, key=lambda one: one[0] or 0)[:_SENTENCES]
    return paragraphs((sentence for _, sentence in nearest), _KIND)


def _sentence(view: BoardView, pair: PairResult, found: ClusteredRate, plan: PairPlan) -> str:
    words = {
        "model": view.name(pair.model),
        "opponent": view.name(pair.opponent),
        "rate": percent(found.rate),
        "annotators": count(found.annotators),
    }
    others = plan.others
    if others is None:
        return _words(
            view.texts,
            "sentence_of_these",
            each=_votes(plan.same_each, view.texts),
            scope=those_who_voted(found.annotators, view.texts),
            **words,
        )
    sentence = _words(
        view.texts,
        "sentence",
        people=_about(others.people),
        each=amount("decisive", others.each, view.texts),
        prompts=_about(others.prompts),
        range=_range(others, view.texts),
        **words,
    )
    each = _votes(plan.same_each, view.texts)
    same = _same(plan, view.texts, "same_sentence", each=each, annotators=words["annotators"])
    return f"{sentence} {same}"


def _same(plan: PairPlan, texts: Texts, place: str, **words: str) -> str:
    """Return what more votes by those who voted can do."""
    same = plan.same or SamePeople.UNKNOWN
    return _words(texts, f"{place}.{same.value}", **words)


def _range(others: OtherPeople, texts: Texts) -> str:
    if others.high is None:
        return _words(texts, "range_open", low=_about(others.low))
    return _words(texts, "range", low=_about(others.low), high=_about(others.high))


def _votes(number: int | None, texts: Texts) -> str:
    return amount("decisive", two_digits_up(number or 0), texts)


def _about(number: int) -> str:
    return count(two_digits_up(number))


def _words(texts: Texts, name: str, **words: str) -> str:
    return texts[f"leaderboard.plan.{name}"].format(**words)
