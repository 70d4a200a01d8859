"""One export of all votes in this process, measured: `python -m tests.benchmarks.export_ways`."""

import json
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from arena.services.exports.columns import ExportTable
from arena.services.exports.exports import Exports
from arena.services.exports.formats import ExportFormat
from arena.services.exports.options import ExportOptions
from arena.services.pseudonyms import Pseudonyms
from arena.storage.database import Database

_JOINED = """
SELECT votes.id AS vote_id, votes.battle_id, annotators.name AS annotator, outcomes.verdict,
  CASE outcomes.verdict WHEN 'a_better' THEN a.model_key WHEN 'b_better' THEN b.model_key END
    AS winner,
  a.model_key AS model_a, b.model_key AS model_b, NULL AS ranking, battles.category,
  battles.language,
  (SELECT COUNT(*) FROM turns WHERE turns.battle_id = votes.battle_id) AS turns, opening.prompt,
  outcomes.recognised, outcomes.identity_leak, outcomes.truncated, votes.reading_s,
  (SELECT GROUP_CONCAT(reason, ' ') FROM vote_reasons WHERE vote_id = votes.id) AS reasons,
  votes.comment,
  (SELECT COUNT(*) FROM vote_revisions WHERE vote_id = votes.id) AS revisions,
  model_a.fingerprint AS fingerprint_a, model_b.fingerprint AS fingerprint_b, votes.created_at
FROM votes
JOIN battles ON battles.id = votes.battle_id
JOIN annotators ON annotators.id = votes.annotator_id
JOIN slots a ON a.battle_id = votes.battle_id AND a.position = 0
JOIN slots b ON b.battle_id = votes.battle_id AND b.position = 1
JOIN models model_a ON model_a.id = a.model_id
JOIN models model_b ON model_b.id = b.model_id
JOIN outcomes ON outcomes.vote_id = votes.id
LEFT JOIN turns opening ON opening.battle_id = votes.battle_id AND opening.number = 1
ORDER BY votes.id
"""


@dataclass(frozen=True, slots=True)
class Export:
    """What one export took: seconds, and bytes of memory above those of the process before it."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    file_bytes: int


def _arena(kind: ExportFormat, source: Path, target: Path) -> None:
    database = Database(f"sqlite:///{source}")
    exports = Exports(database, pseudonyms=Pseudonyms(b"benchmark"))
    with target.open("wb") as file:
        file.writelines(exports.file(ExportTable.VOTES, ExportOptions(format=kind)))
    database.close()


def _pandas(source: Path, target: Path) -> None:
    import pandas as pd  # here: the memory of the other ways is theirs alone

    connection = sqlite3.connect(source)
    pd.read_sql(_JOINED, connection).to_csv(target, index=False)
    connection.close()


WAYS: dict[str, Callable[[Path, Path], None]] = {
    **{f"arena {kind}": partial(_arena, kind) for kind in ExportFormat},
    "pandas csv": _pandas,
}


def measured(way: str, source: Path, target: Path) -> Export:
    """Export all votes of the database `source` into the file `target`."""
    memory = _memory("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    WAYS[way](source, target)
    return Export(
        wall_s=time.perf_counter() - wall,
        cpu_s=time.process_time() - cpu,
        peak_bytes=_memory("VmHWM") - memory,
        file_bytes=target.stat().st_size,
    )


def _memory(field: str) -> int:
    """Bytes that Linux tells of this process: VmRSS is now, VmHWM the most ever."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


if __name__ == "__main__":
    print(json.dumps(asdict(measured(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))))
