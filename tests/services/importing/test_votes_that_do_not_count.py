"""What counts on no board of the arena that exported it is left out of an import, and said so."""

import csv
import io

import pytest

from arena.services.exports.columns import ExportTable
from arena.services.importing.formats import VoteFormat
from arena.services.importing.rows import ExclusionReason
from arena.storage.database import Database
from tests.builders import seed_votes
from tests.fakes.playground import DatabaseMaker
from tests.services.importing.imported import bring, exported


def _changed(content: bytes, column: str, value: str) -> list[bytes]:
    """Return the lines of an export in which the first vote says so."""
    first, *others = csv.DictReader(io.StringIO(content.decode(), newline=""))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(first))
    writer.writeheader()
    writer.writerows([first | {column: value}, *others])
    return text.getvalue().encode().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("purpose", "repeat", ExclusionReason.NO_OPINION),
        ("purpose", "check", ExclusionReason.NO_OPINION),
        ("annotator_excluded", "true", ExclusionReason.EXCLUDED_ANNOTATOR),
    ],
)
def test_a_vote_that_is_no_opinion_is_left_out(
    database: Database,
    new_database: DatabaseMaker,
    column: str,
    value: str,
    reason: ExclusionReason,
) -> None:
    seed_votes(database, wins=3)
    lines = _changed(exported(database, ExportTable.VOTES), column, value)
    report = bring(new_database(), lines, VoteFormat.ARENA)
    assert (report.votes, report.faults) == (2, ())
    assert report.left_out == {reason: 1}


def test_an_unknown_purpose_is_a_fault(database: Database, new_database: DatabaseMaker) -> None:
    seed_votes(database, wins=2)
    lines = _changed(exported(database, ExportTable.VOTES), "purpose", "party")
    (fault,) = bring(new_database(), lines, VoteFormat.ARENA).faults
    assert (fault.column, fault.value) == ("purpose", "party")
