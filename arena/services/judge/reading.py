"""A file of a judge's verdicts: which comparison, in which order, and what it said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.services.importing.containers import vote_file
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.formats import UnreadableFile
from arena.services.importing.rows import RowFault

COLUMNS: Final = Columns(required=("battle_id", "model_a", "model_b", "verdict"))
_VERDICTS: Final[Mapping[str, Verdict]] = {verdict.value: verdict for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class JudgeVerdict:
    """What a judge said of two replies of a battle; it saw that of `first` first."""

    line: int
    battle_id: str
    first: ModelKey
    second: ModelKey
    verdict: Verdict

    @property
    def exchanged(self) -> "JudgeVerdict":
        """The same opinion told in the opposite order."""
        return JudgeVerdict(
            self.line, self.battle_id, self.second, self.first, self.verdict.mirrored
        )


@dataclass(frozen=True, slots=True)
class JudgeFile:
    """The verdicts of a file, and every fault in it."""

    verdicts: tuple[JudgeVerdict, ...]
    faults: tuple[RowFault, ...]


def read_judge_file(path: Path) -> JudgeFile:
    """Read CSV, JSON, JSON Lines or Parquet with the `COLUMNS`.

    `model_a` is the model whose reply the judge saw first; a comparison may be there in both
    orders, each once.

    Raises:
        UnreadableFile: The file as a whole cannot be read.
        OSError: It cannot be read at all.
    """
    table = vote_file(path).table(COLUMNS.names)
    missing = [name for name in COLUMNS.names if table.has_header and name not in table.names]
    if missing:
        raise UnreadableFile(f"the file has no column {', '.join(missing)}")
    verdicts: list[JudgeVerdict] = []
    faults: list[RowFault] = []
    for record in table.records:
        if isinstance(record, RowFault):
            faults.append(record)
            continue
        fields = Fields(record, COLUMNS)
        verdicts.append(_verdict(fields))
        faults += fields.faults
    return JudgeFile(tuple(verdicts), (*faults, *_repeated(verdicts)))


def _verdict(fields: Fields) -> JudgeVerdict:
    found = JudgeVerdict(
        fields.line,
        fields.name("battle_id"),
        ModelKey(fields.name("model_a")),
        ModelKey(fields.name("model_b")),
        fields.one_of("verdict", _VERDICTS),
    )
    if found.first == found.second:
        fields.fault("model_b", "is the same as model_a: name the other model")
    return found


def _repeated(verdicts: list[JudgeVerdict]) -> Iterator[RowFault]:
    lines: dict[tuple[str, str, str], int] = {}
    for one in verdicts:
        key = (one.battle_id, one.first, one.second)
        if key in lines:
            change = f"was judged in this order in line {lines[key]} already: keep one of them"
            yield RowFault(one.line, "battle_id", one.battle_id, change)
        lines.setdefault(key, one.line)
