"""A desk whose outcomes are recounted at the end of a test, and what is said at it."""

from collections.abc import Iterator

from sqlalchemy import text

from arena.domain.evaluation import CampaignBallot, ItemView
from arena.domain.verdict import Verdict
from arena.storage.database import Database
from tests.fakes.campaigns import CampaignDesk
from tests.storage.old_ledgers import rows

A_BETTER = CampaignBallot(verdict=Verdict.A_BETTER)
B_BETTER = CampaignBallot(verdict=Verdict.B_BETTER)


def recounted_desk(database: Database) -> Iterator[CampaignDesk]:
    """Yield a desk with nothing on it, and recount its outcomes when the test is over."""
    yield CampaignDesk(database)
    with database.reading() as connection:
        stored, recounted = (
            connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2, 3")).all()
            for table in ("outcomes", "recounted_outcomes")
        )
    assert stored == recounted


def opened(desk: CampaignDesk) -> ItemView:
    """Return the next item of Ada's."""
    item = desk.next(desk.person("ada"))
    assert item is not None
    return item


def say(desk: CampaignDesk, item: ItemView, ballot: CampaignBallot, who: str = "ada") -> None:
    desk.judge(desk.person(who), item, ballot)


def verdicts(desk: CampaignDesk) -> list[object]:
    return [row["verdict"] for row in rows(desk.database)["outcomes"]]
