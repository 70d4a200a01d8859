"""What follows from verdicts, as arrays: entry n speaks of the verdict whose `number` is n."""

from typing import Final

import numpy as np

from arena.domain.verdict import Verdict

RESULT: Final = np.array([verdict.result for verdict in Verdict], np.int64)
"""Number of the `Result` for the model in the earlier slot."""

MIRRORED: Final = np.array([verdict.mirrored.number for verdict in Verdict], np.int64)
"""Number of the verdict with the replies in the opposite order."""

SCORE: Final = np.array([verdict.result.score for verdict in Verdict], np.int64)
"""1 where the earlier model wins, -1 where the later one does, 0 without a winner."""

WON: Final = SCORE > 0
LOST: Final = SCORE < 0
DECISIVE: Final = SCORE != 0
"""Whether the earlier model wins, loses, or either of the two."""
