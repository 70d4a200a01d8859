"""What the comparisons of a model count for, where pairs were drawn by earlier votes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Result, Verdict
from arena.statistics.win_rate import Pair, Record
from arena.storage.boards import WeightedCount


def pooled_weights(
    records: Mapping[Pair, Record], weighted: Sequence[WeightedCount], keys: Mapping[int, ModelKey]
) -> dict[ModelKey, Sequence[float]]:
    """Return sums of weights by model and `Result`; nothing where each comparison counts once.

    `records` hold every comparison, `weighted` those among them that do not count once; `keys` are
    the models by the numbers of their configurations.
    """
    if not weighted:
        return {}
    found: dict[ModelKey, list[float]] = defaultdict(lambda: [0.0] * len(Result))
    for pair, record in records.items():
        for result, number in enumerate(record.counts):
            found[pair.model][result] += number
    for row in weighted:
        verdict, more = Verdict(row.verdict), row.weight - row.count
        found[keys[row.model_id_a]][verdict.result] += more
        found[keys[row.model_id_b]][verdict.mirrored.result] += more
    return dict(found)
