"""Titles and sentences of tables of values, for the terminal."""

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "style": "Style control: rates as if all replies had looked alike",
    "measures": "Three measures side by side",
    "ties": "Ties read otherwise",
    "left_out": "Rates without any one annotator, prompt or category",
    "weights": "Annotators weighted by reliability",
    "drift": "Change of ratings in four weeks, all looked at together",
    "weeks": "Wins by week (from Monday, UTC)",
    "flags": "Rates with flagged comparisons",
    "fit": "Pairs that ratings explain worst",
    "style_effects": "Odds of a win, by twice as much of a feature (counts plus 1)",
    "snapshot": "Win:loss rate without ties, all opponents",
    "snapshot_pairs": "Win:loss rate without ties, each pair",
    "compared": "What has changed; changes of rates in percentage points",
}
NOTES: Mapping[str, str] = {
    "style_votes": "on {votes} of {decisive} decisive votes: those whose replies are known, "
    "between models that beat each other by some chain",
    "style_untold": "not told from the models: {features}",
    "style_no_replies": "whether style matters cannot be said: the replies of no decisive vote are "
    "known",
    "style_no_cycle": "whether style matters cannot be said: no models beat each other",
    "style_no_feature": "whether style matters cannot be said: no feature differs between replies "
    "of the same models",
    "style_separated": "whether style matters cannot be said: style and models together tell every "
    "vote",
    "measures_alike": "pooled rate, mean over opponents and rating agree on the order",
    "measures_differ": "the rating orders {pooled} pairs of models otherwise than the pooled "
    "rate, and {mean} otherwise than the mean over opponents: opponents were unequal",
    "measures_reversal": "{first} has a higher pooled rate than {second} ({first_rate}, "
    "{second_rate}) and a lower rating ({first_elo}, {second_elo}): its opponents had a mean "
    "rating of {first_opponents_elo}, those of {second} one of {second_opponents_elo}",
    "fit_none": "no fit: no models beat each other",
    "fit_unknown": "too few models, annotators or prompts to say whether one strength fits",
    "fit_good": "one strength for each model fits: X2 {statistic} on {degrees} degrees of freedom, "
    "p {p} (design effect {deff})",
    "fit_bad": "one strength for each model fits badly: X2 {statistic} on {degrees} degrees of "
    "freedom, p {p} (design effect {deff}). Trust rates of pairs before ratings",
    "cycles": "circles of wins: {cycles} of {triads} triples; by chance there would be {expected}",
    "cycle": "{first} beats {second} ({first_rate}), {second} beats {third} ({second_rate}), "
    "{third} beats {first} ({third_rate})",
    "ties_alike": "{ties} ties and {both_bad} 'both bad': however they are read, models with a "
    "rating are in one order",
    "ties_differ": "{ties} ties and {both_bad} 'both bad': how they are read changes the order",
    "left_out_same": "{kind}: whichever one of the {clusters} is left out, {first} stays first",
    "left_out_changes": "{kind}: {first} is first; for {changing} of the {clusters}, leaving out "
    "that one alone changes this",
    "weights_none": "nothing tells how reliable annotators are",
    "weights_equal": "nothing tells the {annotators} annotators apart: all weigh the same",
    "weights_differ": "{annotators} annotators; their reliability differs by {spread} of its mean "
    "(standard deviation), {ignored} weigh nothing. It favours who is like the majority",
    "drift_unknown": "votes of less than a day, or models that do not beat each other: no drift",
    "drift_none": "no model's rating changed significantly in these {weeks} weeks",
    "drift_found": "{first} changed by {drift_elo} points in four weeks (p {p})",
    "flags_none": "no comparison is flagged",
    "flags_added": "{kind}: {added} comparisons more",
    "compared_votes": "snapshot {earlier} counts {earlier_votes} votes, snapshot {later} counts "
    "{later_votes}",
    "compared_intervals": "the votes of the earlier one are among those of the later one. 95 %: "
    "how far the rate may move by chance, each model looked at alone",
    "compared_limits": "they count different votes, some of which may be in both: changes have no "
    "interval",
    "compared_no_intervals": "no change has an interval: votes are too few, or the same, or some "
    "of the earlier ones no longer count",
    "holds_annotators_and_prompts": "95 %: for annotators and prompts like these",
    "holds_prompts": "95 %: for these {annotators} annotators only",
}
