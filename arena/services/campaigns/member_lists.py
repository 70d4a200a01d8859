"""Who takes part in a campaign, and who a crowd platform says they are: for paying them."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from arena.services.campaigns.finding import required
from arena.services.campaigns.quality.opinions import is_right
from arena.services.exports.columns import Column, Kind
from arena.services.exports.formats import csv_chunks
from arena.storage.campaigns.ballots import checks_given
from arena.storage.campaigns.members import CrowdIdentity, members_of
from arena.storage.campaigns.progress import member_counts
from arena.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMember:
    """A member. `judged`, `repeats` and `checks` are ballots given, `checks_passed` those right.

    `crowd` is None for whoever does not come from a crowd platform.
    """

    annotator: str
    crowd: CrowdIdentity | None
    group: str | None
    joined_at: datetime
    consented_at: datetime | None
    finished_at: datetime | None
    judged: int
    repeats: int
    checks_passed: int
    checks: int


COLUMNS: Final = (
    Column("annotator", Kind.TEXT),
    Column("external_id", Kind.TEXT),
    Column("study", Kind.TEXT),
    Column("session", Kind.TEXT),
    Column("group", Kind.TEXT),
    Column("joined_at", Kind.TIME),
    Column("consented_at", Kind.TIME),
    Column("finished_at", Kind.TIME),
    Column("judged", Kind.INTEGER),
    Column("repeats", Kind.INTEGER),
    Column("checks_passed", Kind.INTEGER),
    Column("checks", Kind.INTEGER),
)
"""What stands in a row of the file, and is a key of `document_of`."""


class MemberLists:
    """Lists of members, with names and ids of a crowd platform: not for publication. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def members(self, campaign: str) -> tuple[ListedMember, ...]:
        """Return the members of a campaign in the order of joining.

        Raises:
            CampaignRefused: There is no such campaign.
        """
        with self._database.reading() as connection:
            number = required(connection, campaign).id
            counts = member_counts(connection, number)
            members = members_of(connection, number)
            passed = Counter(
                one.annotator_id for one in checks_given(connection, number) if is_right(one)
            )
        return tuple(
            ListedMember(
                annotator=one.name,
                crowd=(member := members[one.annotator_id]).crowd,
                group=one.group,
                joined_at=member.joined_at,
                consented_at=member.consented_at,
                finished_at=member.finished_at,
                judged=one.judged,
                repeats=one.repeats,
                checks_passed=passed[one.annotator_id],
                checks=one.checks,
            )
            for one in counts
        )


def document_of(member: ListedMember) -> dict[str, Any]:
    """Return a member as JSON-able values by column; times in ISO 8601, UTC with microseconds."""
    crowd = member.crowd
    return {
        "annotator": member.annotator,
        "external_id": crowd.external_id if crowd else None,
        "study": crowd.study if crowd else None,
        "session": crowd.session if crowd else None,
        "group": member.group,
        "joined_at": _time(member.joined_at),
        "consented_at": _time(member.consented_at),
        "finished_at": _time(member.finished_at),
        "judged": member.judged,
        "repeats": member.repeats,
        "checks_passed": member.checks_passed,
        "checks": member.checks,
    }


def member_file(members: tuple[ListedMember, ...]) -> Generator[bytes]:
    """Yield the list as a CSV file in chunks: one row for each member."""
    rows = [document_of(member) for member in members]
    batch = [[row[column.name] for row in rows] for column in COLUMNS]
    return csv_chunks(COLUMNS, [batch] if rows else [])


def _time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
