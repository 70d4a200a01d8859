"""The group that a campaign file gives an annotator is that of the account."""

import pytest

from arena.domain.accounts import AccountRole, AnnotatorId
from arena.domain.campaign import CampaignAnnotator
from arena.storage.accounts import insert_annotator
from arena.storage.people import set_group
from tests.fakes.campaigns import MORNING, CampaignDesk, planned
from tests.storage.old_ledgers import rows


@pytest.mark.parametrize(
    ("had", "named", "group"),
    [
        (None, "linguists", "linguists"),
        ("engineers", "linguists", "engineers"),
        ("engineers", None, "engineers"),
        (None, None, None),
    ],
)
def test_who_joins_without_a_group_gets_the_one_that_the_file_names(
    desk: CampaignDesk, had: str | None, named: str | None, group: str | None
) -> None:
    desk.open(planned(annotators=(CampaignAnnotator("bob", named),)))
    with desk.database.writing() as connection:
        number = insert_annotator(
            connection, name="bob", role=AccountRole.ANNOTATOR, created_at=MORNING
        )
        set_group(connection, AnnotatorId(number), had)

    desk.person("bob")

    (bob,) = [row for row in rows(desk.database)["annotators"] if row["name"] == "bob"]
    assert bob["group_name"] == group
