"""The tab about the votes themselves: whether people agree, with each other and themselves."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from arena.services.board.quality import BoardQuality
from arena.statistics.clustered_share import ClusteredShare
from arena.statistics.concentration import FEWEST
from arena.statistics.thresholds import DEFAULT_THRESHOLDS
from arena.web.common.markup import joined
from arena.web.leaderboard.parts.annotators import annotator_table
from arena.web.leaderboard.parts.firmness import firmness
from arena.web.leaderboard.parts.flags import flag_tables
from arena.web.leaderboard.parts.numbers import (
    A_SHARE,
    AN_INTERVAL,
    NONE,
    amount,
    bounds,
    count,
    percent,
    waiting,
)
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView

_LEAST = DEFAULT_THRESHOLDS.decisive


def quality_tab(view: BoardView) -> Markup:
    """Return what is counted at once, and the rest when it has been computed."""
    found = view.quality
    parts = [_facts(view, found), flag_tables(view, found)]
    if found is not None:
        parts += [firmness(view, found), annotator_table(view, found)]
    return joined(parts)


def _facts(view: BoardView, found: BoardQuality | None) -> Markup:
    each = (_agreement, _sides, _self_consistency, _voters)
    facts = [fact(view, found) for fact in each]
    return rendered("facts", facts=facts, pending=view.pending, texts=view.texts)


class _Fact(NamedTuple):
    """A figure under its heading, `leaderboard.quality.NAME`, with lines of text below.

    With `few` votes it is pale: next to nothing can be told from it.
    """

    name: str
    figure: str
    lines: Sequence[str]
    few: bool = False


def _agreement(view: BoardView, found: BoardQuality | None) -> _Fact:
    if found is None:
        return _Fact("agreement", waiting(view, A_SHARE), [" "])
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
        return _Fact("agreement", NONE, [texts[f"leaderboard.no_alpha.{reason}"], raw])
    figure = Markup("α = {:.2f} <small>{:.2f}–{:.2f}</small>").format(
        alpha.value, alpha.low, alpha.high
    )
    holds = texts[f"leaderboard.quality.alpha_holds.{alpha.holds.name.lower()}"]
    return _Fact("agreement", figure, [holds, raw])


def _sides(view: BoardView, found: BoardQuality | None) -> _Fact:
    texts = view.texts
    if found is None:
        side = view.board.side
        figure = _beside(percent(side.share), waiting(view, AN_INTERVAL))
        return _Fact("sides", figure, [" "], few=side.decisive < _LEAST)
    seen, holds = _with_bounds(found.side), _holds(view, found.side)
    if found.side.trials < _LEAST:
        return _Fact("sides", seen, [_too_few(view, found.side.trials), *holds], few=True)
    adjusted = found.adjusted_side
    if adjusted.share is None:
        reason = adjusted.reason.name.lower() if adjusted.reason else "no_cycle"
        return _Fact("sides", seen, [*holds, texts[f"leaderboard.no_adjusted.{reason}"]])
    line = texts["leaderboard.quality.adjusted"].format(
        share=percent(adjusted.share), bounds=bounds(adjusted.interval)
    )
    return _Fact("sides", seen, [*holds, line])


def _self_consistency(view: BoardView, found: BoardQuality | None) -> _Fact:
    if found is None:
        return _Fact("self_consistency", waiting(view, A_SHARE), [" "])
    both, texts = found.consistency, view.texts
    if found.intra_annotator_agreement.share is None:
        return _Fact("self_consistency", NONE, [texts["leaderboard.quality.no_repeats"]])
    lines = [
        texts[f"leaderboard.quality.{name}"].format(
            share=percent(repeats.share), pairs=count(repeats.pairs)
        )
        for name, repeats in (("exchanged", both.exchanged), ("same_sides", both.same_sides))
        if repeats.pairs
    ]
    again = found.intra_annotator_agreement
    return _Fact(
        "self_consistency",
        _with_bounds(again),
        [*_holds(view, again), *lines],
        few=again.interval is None,
    )


def _voters(view: BoardView, found: BoardQuality | None) -> _Fact:
    if found is None:
        return _Fact("voters", waiting(view, A_SHARE), [" "])
    texts, turnout = view.texts, found.turnout
    shares = turnout.concentration
    if shares is None:
        why = texts["leaderboard.tile.few_voted"].format(fewest=FEWEST)
        return _Fact("voters", NONE, [why])
    five = texts["leaderboard.quality.first_five"].format(share=percent(shares.first_five))
    each = texts["leaderboard.quality.votes_each"].format(
        annotators=amount("annotators", turnout.annotators, texts),
        comparisons=count(round(found.comparisons / turnout.annotators)),
    )
    return _Fact("voters", percent(shares.largest), [five, each])


def _too_few(view: BoardView, number: int) -> str:
    sentence = view.texts["leaderboard.quality.too_few"]
    return sentence.format(number=amount("decisive", number, view.texts), least=count(_LEAST))


def _with_bounds(found: ClusteredShare) -> Markup:
    """Return the share with its interval, if it has one."""
    if found.interval is None:
        return escape(percent(found.share))
    return _beside(percent(found.share), bounds(found.interval))


def _beside(share: str, interval: str) -> Markup:
    return Markup("{} <small>{}</small>").format(share, interval)


def _holds(view: BoardView, found: ClusteredShare) -> list[str]:
    """Return for whom the interval holds, or why there is none; no line without a share."""
    if found.share is None:
        return []
    if found.interval is None:
        return [view.texts["leaderboard.quality.no_interval"]]
    scope = view.texts[f"leaderboard.scope_of.{found.scope.name.lower()}"]
    return [view.texts["leaderboard.quality.holds"].format(scope=scope)]
