"""A campaign opens with the replies that `campaign status` calls whole or cut, and no others."""

import pytest
from sqlalchemy import text

from arena.domain.conversation import ModelKey
from arena.services.campaigns.opening import MissingReplies, RepliesMissing
from arena.storage.database import Database
from tests.fakes.campaigns import NAME, CampaignDesk, planned, put_replies


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    return CampaignDesk(database)


def lacking(desk: CampaignDesk) -> tuple[MissingReplies, ...]:
    with pytest.raises(RepliesMissing) as refused:
        desk.openings.open(NAME)
    return refused.value.missing


def test_a_reply_of_newlines_alone_is_missing(desk: CampaignDesk) -> None:
    desk.campaigns.create(planned(judged=2))
    with desk.database.writing() as connection:
        put_replies(
            connection,
            text=lambda model, prompt, _: "\n\n\t" if (model, prompt) == ("m1", "p2") else "Hi",
        )
    assert lacking(desk) == (MissingReplies("p2", ModelKey("m1")),)


def test_a_reply_to_a_conversation_that_has_changed_is_missing(desk: CampaignDesk) -> None:
    desk.campaigns.create(planned(judged=2, turns=2))
    with desk.database.writing() as connection:
        put_replies(connection)
        connection.execute(
            text(
                "UPDATE campaign_replies SET reply_id = (SELECT reply_id FROM campaign_replies "
                "WHERE position = 0 AND prompt = 1 AND turn = 1) "
                "WHERE position = 1 AND prompt = 1 AND turn = 1"
            )
        )
    assert lacking(desk) == (MissingReplies("p1", ModelKey("m1")),)
