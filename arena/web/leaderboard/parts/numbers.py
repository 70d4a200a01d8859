"""Numbers as people read them, and what stands where there is none."""

from markupsafe import Markup, escape

from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.intervals import Interval
from arena.statistics.sides import Sides
from arena.statistics.thresholds import Scope
from arena.statistics.win_rate import Record, State
from arena.web.common.markup import NOTHING, joined
from arena.web.leaderboard.view import BoardView, Texts

NONE = "–"
A_SHARE, AN_INTERVAL, A_NUMBER = "50.0 %", "50.0–60.0", "100"
"""What numbers to come are like."""
_MARKS = {State.TOO_FEW: "○", State.PRELIMINARY: "◐", State.ESTABLISHED: "●"}


def percent(share: float | None) -> str:
    """Return a share with one decimal: more would look surer than votes can be."""
    return NONE if share is None else f"{100 * share:.1f} %"


def whole_percents(record: Record) -> tuple[int, int]:
    """Return win and lose of a record with a decisive comparison; they add up to 100.

    Halves go to the even neighbour: seen from the other model the same two integers are exchanged.
    """
    wins, losses, _, _ = record.weighed
    win = round(100 * wins / (wins + losses))
    return win, 100 - win


def bounds(interval: Interval | None) -> str:
    """Return both ends of an interval of a share, in percent."""
    return f"{100 * interval.low:.1f}–{100 * interval.high:.1f}" if interval else NONE


def count(number: int) -> str:
    """Return a number with its thousands grouped."""
    return f"{number:,}"


def amount(of: str, number: int, texts: Texts) -> str:
    """Return a number with its noun, `votes` for example, in the singular for one."""
    key = f"leaderboard.amount.{of}" + (".one" if number == 1 else "")
    return texts[key].format(number=count(number))


def undecided(ties: int, both_bad: int, texts: Texts) -> str:
    """Return the ties and, where there are any, the comparisons in which both were bad."""
    words = amount("ties", ties, texts)
    if not both_bad:
        return words
    return texts["leaderboard.undecided"].format(ties=words, both_bad=count(both_bad))


def waiting(view: BoardView, like: str) -> Markup:
    """Return what stands where there is no number, which may still come with the intervals."""
    return missing(view, like, comes=view.pending)


def missing(view: BoardView, like: str, *, comes: bool) -> Markup:
    """Return what stands where there is no number, as wide as the one it is `like` if one `comes`.

    That text is drawn unseen by the style sheet: nobody can copy or hear a number that is none.
    """
    if not comes:
        return escape(NONE)
    return Markup('<i class="lb-wait" title="{}" data-like="{}"></i>').format(
        view.texts["leaderboard.pending"], like
    )


def state_mark(state: State | None, view: BoardView) -> Markup:
    """Return how far to rely on a rate, as a shape and a word: not everybody sees colours."""
    if state is None:
        return waiting(view, f"◐ {view.texts['leaderboard.state.preliminary']}")
    name = state.name.lower()
    return Markup(
        '<span class="lb-state lb-{name}" title="{explained}">'
        '<i aria-hidden="true">{mark}</i>{word}</span>'
    ).format(
        name=name,
        explained=view.texts[f"leaderboard.state_help.{name}"],
        mark=_MARKS[state],
        word=view.texts[f"leaderboard.state.{name}"],
    )


def marked_bounds(found: ClusteredRate, texts: Texts) -> Markup:
    """Return both ends, with a dagger where they hold for less than they seem to."""
    limits = (("†", scope_words(found, texts)), ("‡", sides_words(found, texts)))
    return escape(bounds(found.interval)) + marks(*limits)


def marks(*signs: tuple[str, str]) -> Markup:
    """Return signs that say their words to who points at them; nothing without words.

    The style sheet hangs them beside the number: columns are as wide as without.
    """
    dagger = Markup('<sup class="lb-dagger" title="{}">{}</sup>')
    said = joined(dagger.format(words, sign) for sign, words in signs if words)
    return Markup('<span class="lb-marks">{}</span>').format(said) if said else NOTHING


def caveats(found: ClusteredRate | None, texts: Texts) -> str:
    """Return all that limits an interval, in words; empty if nothing does."""
    words = (scope_words(found, texts), sides_words(found, texts))
    return texts["leaderboard.list_separator"].join(filter(None, words))


def short_caveats(found: ClusteredRate | None, texts: Texts) -> str:
    """Return the same in few words, for places that are narrow on a phone."""
    order = texts["leaderboard.figure.one_order"] if sides_words(found, texts) else ""
    words = (scope_words(found, texts), order)
    return texts["leaderboard.list_separator"].join(filter(None, words))


def signs(found: ClusteredRate | None, texts: Texts) -> str:
    """Return the daggers alone, for places with no room for words."""
    limits = (("†", scope_words(found, texts)), ("‡", sides_words(found, texts)))
    return "".join(sign for sign, words in limits if words)


def sides_words(found: ClusteredRate | None, texts: Texts) -> str:
    """Return that votes were cast in one order of the models; empty where they were not."""
    if found is None or found.state is State.TOO_FEW:
        return ""
    return order_words(found.sides, texts)


def order_words(sides: Sides | None, texts: Texts) -> str:
    """Return that a model stood on one side too often; empty if it did not."""
    name = {Sides.ONE: "one", Sides.MOSTLY_ONE: "mostly_one"}.get(sides or Sides.BOTH)
    return texts[f"leaderboard.sides.{name}"] if name else ""


def scope_words(found: ClusteredRate | None, texts: Texts) -> str:
    """Return for whom an interval holds, if for fewer than it seems; empty otherwise."""
    if found is None or found.interval is None or found.scope is not Scope.PROMPTS:
        return ""
    return those_who_voted(found.annotators, texts)


def those_who_voted(annotators: int, texts: Texts) -> str:
    """Return that something holds for so many annotators and nobody else."""
    if annotators == 1:
        return texts["leaderboard.scope.one"]
    return texts["leaderboard.scope.prompts"].format(annotators=count(annotators))
