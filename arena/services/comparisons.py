"""The comparisons of a board as the statistics read them."""

import numpy as np

from arena.statistics.comparisons import OUTCOMES, Comparisons, Numbers, renumbered
from arena.storage.boards import BoardFilter, model_keys
from arena.storage.columns import VERDICTS, OutcomeColumns, outcome_columns
from arena.storage.database import Connection


def comparisons_of(connection: Connection, chosen: BoardFilter) -> Comparisons:
    """What the filter chooses, in the order of casting; models are sorted by key.

    Configurations of one model count as one. Two million take about 3 s of CPU and 300 MB.
    """
    return numbered(outcome_columns(connection, chosen), connection)


def numbered(columns: OutcomeColumns, connection: Connection) -> Comparisons:
    """The same of columns that have been read; annotators are numbered in the order of ids."""
    keys = model_keys(connection)
    met = np.union1d(columns.model_id_a, columns.model_id_b)
    models = tuple(sorted({keys[int(number)] for number in met}))
    position = {key: place for place, key in enumerate(models)}
    places = np.zeros(int(met.max(initial=0)) + 1, np.int64)
    for number in met:
        places[number] = position[keys[int(number)]]
    return Comparisons(
        models,
        a=places[columns.model_id_a],
        b=places[columns.model_id_b],
        outcome=_OUTCOMES[columns.verdict],
        annotator=renumbered(columns.annotator_id),
        prompt=renumbered(columns.prompt_hash),
    )


_OUTCOMES: Numbers = np.array([OUTCOMES[verdict] for verdict in VERDICTS], np.int64)
