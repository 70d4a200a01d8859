"""Models that answer at once, and how many votes their arena has."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.e2e.scripts import catalog, scripted_model


def quick() -> str:
    """Two models that answer at once."""
    script = {"tokens_per_second": 20_000.0}
    return catalog(
        fig=scripted_model("Fig", "Yes.", script=script),
        oak=scripted_model("Oak", "No.", script=script),
    )


def votes(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM votes").fetchone()[0])
