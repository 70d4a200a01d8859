"""Exported tables as batches of columns: a module a table, `batches` reads for all of them.

Every `*_batches` function yields one table from the snapshot of its connection's transaction.
`annotator` holds names with `names`, and else numbers of accounts for the caller to disguise.
"""

from arena.storage.exports.annotators import annotator_batches
from arena.storage.exports.batches import Batch, Part
from arena.storage.exports.battles import battle_batches
from arena.storage.exports.comparisons import comparison_batches
from arena.storage.exports.preferences import preference_batches
from arena.storage.exports.replies import reply_batches
from arena.storage.exports.scores import score_batches
from arena.storage.exports.votes import vote_batches

__all__ = [
    "Batch",
    "Part",
    "annotator_batches",
    "battle_batches",
    "comparison_batches",
    "preference_batches",
    "reply_batches",
    "score_batches",
    "vote_batches",
]
