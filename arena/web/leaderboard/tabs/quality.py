"""The tab about the votes themselves: whether people agree, with each other and themselves."""

from html import escape

from arena.services.board.quality import BoardQuality
from arena.statistics.clustered_share import ClusteredShare
from arena.web.leaderboard.parts.annotators import annotator_table
from arena.web.leaderboard.parts.firmness import firmness
from arena.web.leaderboard.parts.flags import flag_tables
from arena.web.leaderboard.parts.numbers import (
    A_SHARE,
    AN_INTERVAL,
    NONE,
    bounds,
    count,
    percent,
    waiting,
)
from arena.web.leaderboard.view import BoardView


def quality_tab(view: BoardView) -> str:
    """What is counted at once, and the rest when it has been computed."""
    found = view.quality
    parts = [_facts(view, found), flag_tables(view, found)]
    if found is not None:
        parts += [firmness(view, found), annotator_table(view, found)]
    return "".join(parts)


def _facts(view: BoardView, found: BoardQuality | None) -> str:
    facts = (_agreement(view, found), _sides(view, found), _steadiness(view, found))
    heading = escape(view.texts["leaderboard.quality"])
    waits = escape(view.texts["leaderboard.computing"]) if view.pending else ""
    return (
        f'<section class="lb-panel"><h2>{heading} <small>{waits}</small></h2>'
        f'<div class="lb-facts">{"".join(facts)}</div>'
        f'<p class="lb-note">{escape(view.texts["leaderboard.quality.item"])}</p></section>'
    )


def _fact(view: BoardView, name: str, figure: str, *lines: str) -> str:
    """A figure (HTML) under its heading, with lines of text below."""
    heading = escape(view.texts[f"leaderboard.quality.{name}"])
    explained = escape(view.texts[f"leaderboard.quality_help.{name}"])
    below = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return (
        f'<article><h3>{heading}</h3><p class="lb-big">{figure}</p>{below}'
        f'<p class="lb-explained">{explained}</p></article>'
    )


def _agreement(view: BoardView, found: BoardQuality | None) -> str:
    if found is None:
        return _fact(view, "agreement", waiting(view, A_SHARE), " ")
    texts, agreement = view.texts, found.agreement
    raw = texts[
        "leaderboard.quality.raw" if agreement.raw.pairs else "leaderboard.quality.no_pairs"
    ]
    raw = raw.format(
        share=percent(agreement.raw.share),
        decisive=percent(agreement.raw_decisive.share),
        pairs=count(int(agreement.raw.pairs)),
        items=count(agreement.shared_items),
    )
    alpha = agreement.alpha
    if alpha is None:
        reason = agreement.reason.name.lower() if agreement.reason else "few_shared_items"
        return _fact(view, "agreement", NONE, texts[f"leaderboard.no_alpha.{reason}"], raw)
    figure = f"α = {alpha.value:.2f} <small>{alpha.low:.2f}–{alpha.high:.2f}</small>"
    holds = texts[f"leaderboard.quality.alpha_holds.{alpha.holds.name.lower()}"]
    return _fact(view, "agreement", figure, holds, raw)


def _sides(view: BoardView, found: BoardQuality | None) -> str:
    texts = view.texts
    if found is None:
        seen = f"{percent(view.board.side.share)} <small>{waiting(view, AN_INTERVAL)}</small>"
        return _fact(view, "sides", seen, " ")
    seen, holds = _with_bounds(found.side), _holds(view, found.side)
    adjusted = found.adjusted_side
    if adjusted.share is None:
        reason = adjusted.reason.name.lower() if adjusted.reason else "no_cycle"
        return _fact(view, "sides", seen, *holds, texts[f"leaderboard.no_adjusted.{reason}"])
    line = texts["leaderboard.quality.adjusted"].format(
        share=percent(adjusted.share), bounds=bounds(adjusted.interval)
    )
    return _fact(view, "sides", seen, *holds, line)


def _steadiness(view: BoardView, found: BoardQuality | None) -> str:
    if found is None:
        return _fact(view, "steadiness", waiting(view, A_SHARE), " ")
    both, texts = found.consistency, view.texts
    if found.steadiness.share is None:
        return _fact(view, "steadiness", NONE, texts["leaderboard.quality.no_repeats"])
    lines = [
        texts[f"leaderboard.quality.{name}"].format(
            share=percent(repeats.share), pairs=count(repeats.pairs)
        )
        for name, repeats in (("exchanged", both.exchanged), ("same_sides", both.same_sides))
        if repeats.pairs
    ]
    holds = _holds(view, found.steadiness)
    return _fact(view, "steadiness", _with_bounds(found.steadiness), *holds, *lines)


def _with_bounds(found: ClusteredShare) -> str:
    """The share with its interval, if it has one; HTML."""
    if found.interval is None:
        return percent(found.share)
    return f"{percent(found.share)} <small>{bounds(found.interval)}</small>"


def _holds(view: BoardView, found: ClusteredShare) -> list[str]:
    """For whom the interval speaks, or why there is none; no line without a share."""
    if found.share is None:
        return []
    if found.interval is None:
        return [view.texts["leaderboard.quality.no_interval"]]
    scope = view.texts[f"leaderboard.scope_of.{found.scope.name.lower()}"]
    return [view.texts["leaderboard.quality.holds"].format(scope=scope)]
