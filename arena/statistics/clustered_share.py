"""A share of votes, or of pairs of them, with a clustered interval."""

from dataclasses import dataclass, replace

from arena.statistics.clustered_intervals import EffectiveVotes, clustered_interval
from arena.statistics.clustered_rates import METHODS
from arena.statistics.clusters import Floats, two_way, whole_groupings
from arena.statistics.comparisons import Numbers
from arena.statistics.design_effects import NEXT_TO_NONE, clusters, variance
from arena.statistics.intervals import Interval
from arena.statistics.thresholds import DEFAULT_THRESHOLDS, Scope, scope_of


@dataclass(frozen=True, slots=True)
class ClusteredShare:
    """`share` of `trials`, from 0 to 1, and for whom its interval speaks; None without a trial.

    With fewer prompts than an interval needs there is none (`Scope.NONE`).
    """

    share: float | None
    interval: Interval | None
    trials: int
    annotators: int
    scope: Scope


def clustered_share(
    hits: Floats, trials: Floats, *, annotator: Numbers, prompt: Numbers
) -> ClusteredShare:
    """Compute the share of hits in trials of m groups: columns of length m.

    A group is what one annotator did on one prompt: a vote, or pairs of votes. The interval is
    Wilson's with n/deff trials and t(G-1), as that of rates (`clustered_rates`): the variance is
    two-way, by annotator and by prompt; it is never narrower than that of independent trials;
    where all trials are hits, or none, n is at most the number of clusters.
    """
    total = float(trials.sum())
    if not total:
        return ClusteredShare(None, None, 0, 0, Scope.NONE)
    share = float(hits.sum()) / total
    groupings = whole_groupings(annotator, prompt)
    clustered = two_way(groupings, weight=trials / total, residual=hits / trials - share)
    people, prompts = (int(way.clusters[0]) for way in (clustered.annotator, clustered.prompt))
    scope = scope_of(annotators=people, prompts=prompts, thresholds=DEFAULT_THRESHOLDS)
    found = ClusteredShare(share, None, round(total), people, scope)
    if scope is Scope.NONE:
        return found
    number = float(clusters(clustered, scope)[0])
    spread, independent = float(variance(clustered, scope)[0]), share * (1 - share) / total
    # Clusters whose shares are all the same vary less than independent trials, down to nothing.
    spread = max(spread, NEXT_TO_NONE * independent)
    votes = EffectiveVotes(
        clustered=total * independent / spread if independent else number,
        independent=total,
        degrees=number - 1,
    )
    interval = clustered_interval(share, votes, method=METHODS[scope])
    return replace(found, interval=interval)
