"""Rankings of WMT's translation tasks as Appraise exports them: two to five systems a row.

A lower rank is better, ties are allowed, and -1 is a rank that was left blank. The tables name
segments by number and have no texts. Systems are ranked within one pair of languages, which is the
category.

Sources: the export of https://github.com/cfedermann/Appraise, and the README files of the WMT11
rankings and of https://github.com/cfedermann/wmt16
"""

import re
from collections.abc import Iterator, Mapping

from arena.domain.language import UNDETERMINED
from arena.domain.verdict import Verdict
from arena.services.importing.fields import Fields
from arena.services.importing.files import Columns
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.identity import external_battle_id
from arena.services.importing.parsing import Records, parsed
from arena.services.importing.rows import (
    ExcludedRow,
    ExclusionReason,
    ImportedModel,
    ImportedRow,
    ImportedTurn,
    ImportedVote,
)

VERDICTS: Mapping[str, Verdict] = {}
"""Ranks, not words."""

COLUMNS = Columns(
    required=("srclang", "trglang", "srcIndex", "system1Id", "system1rank"),
    either=(("judgeId",), ("judgeID",)),
)
_SYSTEM = re.compile(r"(system\d+)Id")
_BLANK = -1


def read(records: Records, columns: Columns, _: Reading) -> Iterator[ImportedRow]:
    """Yield the rankings of the records."""
    return parsed(records, columns, lambda fields: (_ranking(fields),))


def _ranking(fields: Fields) -> ImportedRow:
    judge = fields.name("judgeID" if "judgeID" in fields.present else "judgeId")
    pair = f"{fields.name('srclang')}-{fields.name('trglang')}"
    segment = fields.name("srcIndex")
    ranks = dict(_ranks(fields))
    if len(ranks) < 2 and not fields.faults:
        return ExcludedRow(fields.line, ExclusionReason.NO_VERDICT)
    words = " > ".join(f"{name} {rank}" for name, rank in ranks.items())
    return ImportedVote(
        line=fields.line,
        battle_id=external_battle_id(VoteFormat.WMT, pair, segment, judge, words),
        annotator=judge,
        models=tuple(map(ImportedModel, ranks)),
        verdict=None,
        ranks=tuple(ranks.values()),
        turns=(ImportedTurn(f"wmt {pair} segment {segment}"),),
        outcome_cell=("system1rank", words),
        category=pair,
        language=UNDETERMINED,
    )


def _ranks(fields: Fields) -> Iterator[tuple[str, int]]:
    """Yield systems with their ranks, as they were shown."""
    seen = set()
    for found in filter(None, map(_SYSTEM.fullmatch, fields.present)):
        system, column = fields.text(found.group()).strip(), f"{found.group(1)}rank"
        rank = fields.number(column)
        if not system or rank is None or rank == _BLANK:
            continue
        if rank < 1 or rank != int(rank):
            fields.fault(column, "should be a whole number from 1, or -1 where it was left blank")
        elif system in seen:
            fields.fault(found.group(), "is ranked twice")
        seen.add(system)
        yield system, int(rank)
