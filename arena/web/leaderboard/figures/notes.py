"""The notes below a figure: what its whiskers are, which votes it shows, and how many."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date

from arena.domain.conversation import ModelKey
from arena.services.board.leaderboard import Board
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.thresholds import Scope
from arena.statistics.win_rate import PairResult
from arena.web.leaderboard.parts.numbers import amount, count, sides_words, undecided
from arena.web.leaderboard.parts.scope import filter_words
from arena.web.leaderboard.view import BoardView, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a figure shows: pairs whose comparisons it counts, and the rates that it draws.

    `models` have a panel each; none where the figure shows the whole board. `left_out` rows are not
    shown because of `least` decisive comparisons, or because others were chosen.
    """

    pairs: Sequence[PairResult]
    rates: Sequence[ClusteredRate | None]
    models: Sequence[ModelKey] = ()
    left_out: int = 0
    least: int = 0


def rate_notes(view: BoardView, shown: Shown, today: date) -> tuple[str, ...]:
    """Return all notes of a figure of win rates."""
    words = (
        _about_draws(view, shown),
        _about_intervals(view, shown.rates),
        _about_sides(view, shown.rates),
        _about_opponents(shown, view.texts),
    )
    return (*filter(None, words), *count_notes(view, shown, today))


def count_notes(view: BoardView, shown: Shown, today: date) -> tuple[str, str]:
    """Return which votes were counted, and how many; a pair shown twice is counted once."""
    texts = view.texts
    records = {frozenset((one.model, one.opponent)): one.record for one in shown.pairs}.values()
    counted = texts["leaderboard.figure.counted"].format(
        comparisons=count(sum(one.total for one in records)),
        decisive=amount("decisive", sum(one.decisive for one in records), texts),
        people=_people(view, shown.models, shown.left_out),
        undecided=undecided(
            sum(one.ties for one in records), sum(one.both_bad for one in records), texts
        ),
        votes=amount("votes", view.board.votes, texts),
        date=today.isoformat(),
    )
    return chosen_words(view.board, shown.models, texts), counted


def _about_draws(view: BoardView, shown: Shown) -> str:
    """Return that rates are re-weighted; empty where none shown is, as of single pairs."""
    weighted = any(one and one.record.weights for one in shown.rates)
    if not weighted:
        return ""
    sentence = view.texts["leaderboard.figure.informed"]
    return sentence.format(comparisons=count(view.board.informed))


def _about_opponents(shown: Shown, texts: Texts) -> str:
    """Return how many rows the choice left out; empty if none."""
    if not shown.left_out:
        return ""
    key = "few" if shown.least else "chosen"
    return texts[f"leaderboard.figure.opponents_{key}"].format(
        number=count(shown.left_out), least=count(shown.least)
    )


def _people(view: BoardView, models: Sequence[ModelKey], left_out: int) -> str:
    """Return whose the comparisons are, and on how many prompts; empty if unknown.

    That is known of all opponents of one model, and of all models.
    """
    if not view.rated or left_out or len(models) > 1:
        return ""
    found = view.pooled(models[0]) if models else view.rated.turnout
    if found is None or found.annotators is None or found.prompts is None:
        return ""
    texts = view.texts
    return texts["leaderboard.figure.people"].format(
        annotators=amount("annotators", found.annotators, texts),
        prompts=amount("prompts", found.prompts, texts),
    )


def _about_sides(view: BoardView, rates: Sequence[ClusteredRate | None]) -> str:
    """Return what the words beside a bar of one order mean; empty without such a bar."""
    uneven = any(sides_words(one, view.texts) for one in rates)
    return view.texts["leaderboard.figure.sides"] if uneven else ""


def _about_intervals(view: BoardView, rates: Sequence[ClusteredRate | None]) -> str:
    """Return what the whiskers are, of all that appear."""
    if view.rated is None:
        return view.texts["leaderboard.figure.no_intervals"]
    return scopes_words({one.scope for one in rates if one and one.interval}, view.texts)


def scopes_words(scopes: Set[Scope], texts: Texts) -> str:
    """Return by what the intervals were clustered that a figure shows."""
    key = {
        frozenset(): "none",
        frozenset({Scope.PROMPTS}): "prompts",
        frozenset({Scope.ANNOTATORS_AND_PROMPTS}): "both",
    }.get(frozenset(scopes), "mixed")
    return texts[f"leaderboard.figure.intervals_{key}"]


def chosen_words(board: Board, models: Sequence[ModelKey], texts: Texts) -> str:
    """Return the filter in words, with the flagged comparisons of a model, or of the board."""
    board_filter = board.filter
    words = filter_words(board_filter, texts)
    words = words or [texts["leaderboard.all_votes"]]
    included = "included" if board_filter.include_flagged else "left_out"
    flagged = texts[f"leaderboard.figure.flagged_{included}"]
    left_out = board.flagged.total
    if len(models) == 1:
        left_out = board.flagged.total_of_model.get(models[0], 0)
    words.append(flagged.format(flagged=count(left_out)))
    if board.suspect_votes.comparisons:
        known = "counted" if board.counts_suspects else "left_out"
        sentence = texts[f"leaderboard.figure.one_address_{known}"]
        words.append(sentence.format(votes=count(board.suspect_votes.votes)))
    return " · ".join(words)
