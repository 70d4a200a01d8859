"""What a stored reply is worth to a campaign."""

import pytest

from arena.domain.campaign_replies import EMPTY_REPLY, ReplyStatus, is_no_worse, status_of
from arena.domain.reply import ReplyEnd
from arena.inference.errors import EmptyReply


@pytest.mark.parametrize(
    ("text", "end", "error", "status"),
    [
        ("Yes", ReplyEnd.STOP, None, ReplyStatus.WHOLE),
        ("Yes", ReplyEnd.LENGTH, None, ReplyStatus.CUT),
        (" \n", ReplyEnd.STOP, None, ReplyStatus.EMPTY),
        ("", ReplyEnd.LENGTH, None, ReplyStatus.EMPTY),
        ("", ReplyEnd.ERROR, "EmptyReply: nothing came", ReplyStatus.EMPTY),
        ("Half", ReplyEnd.ERROR, "ModelTimeout: nothing came in time", ReplyStatus.FAILED),
        ("Half", ReplyEnd.CANCELLED, None, ReplyStatus.FAILED),
    ],
)
def test_the_status_follows_from_the_text_and_its_end(
    text: str, end: ReplyEnd, error: str | None, status: ReplyStatus
) -> None:
    assert status_of(text, end, error) is status


def test_only_a_reply_that_is_no_worse_may_replace_another() -> None:
    assert is_no_worse(ReplyStatus.CUT, ReplyStatus.CUT)
    assert is_no_worse(ReplyStatus.WHOLE, ReplyStatus.CUT)
    assert not is_no_worse(ReplyStatus.FAILED, ReplyStatus.CUT)
    assert not is_no_worse(ReplyStatus.FAILED, ReplyStatus.EMPTY)


def test_an_empty_reply_is_told_by_the_name_of_its_error() -> None:
    assert EmptyReply.__name__ == EMPTY_REPLY
