"""Logs of FastChat: what is read from them, and what is left out."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.services.importing.formats import Reading, UnreadableFile, VoteFormat
from arena.services.importing.identity import pseudonym
from arena.services.importing.rows import (
    ExcludedRow,
    ExclusionReason,
    ImportedModel,
    ImportedRow,
    ImportedTurn,
    ImportedVote,
)
from tests.fakes.import_files import fastchat_chat, fastchat_vote, json_lines
from tests.services.importing.reading import PLAIN, faults, json_values, only, read


def log(*events: dict[str, Any]) -> list[ImportedRow]:
    return list(read(VoteFormat.FASTCHAT, json_lines(events), PLAIN))


def left_out(*events: dict[str, Any]) -> list[ExclusionReason]:
    return [row.reason for row in log(*events) if isinstance(row, ExcludedRow)]


class TestFastChat:
    @pytest.mark.parametrize(
        ("kind", "verdict"),
        [
            ("leftvote", Verdict.A_BETTER),
            ("rightvote", Verdict.B_BETTER),
            ("tievote", Verdict.TIE),
            ("bothbad_vote", Verdict.BOTH_BAD),
        ],
    )
    def test_a_blind_vote_is_read_with_its_texts(self, kind: str, verdict: Verdict) -> None:
        vote = only(log(fastchat_vote(kind)))

        assert vote.verdict is verdict
        assert vote.models == (ImportedModel("vicuna-13b"), ImportedModel("koala-13b"))
        assert vote.turns == (ImportedTurn("Hi", ("Yo", "Hello"), (None, None)),)
        assert vote.created_at == datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC)

    def test_no_address_is_kept(self) -> None:
        vote = only(log(fastchat_vote()))

        assert vote.annotator == pseudonym(b"key", "203.0.113.7")
        assert vote.annotator != pseudonym(b"other", "203.0.113.7")
        assert "203" not in repr(vote)

    def test_chat_events_tell_how_long_the_replies_took(self) -> None:
        chats = (
            fastchat_chat("c1", "vicuna-13b", ("Hi", "Yo"), 2.5),
            fastchat_chat("c2", "koala-13b", ("Hi", "Hello"), 4.0),
        )

        *others, vote = log(*chats, fastchat_vote())

        assert isinstance(vote, ImportedVote)
        assert vote.turns[0].seconds == (2.5, 4.0)
        assert others == [ExcludedRow(n, ExclusionReason.OTHER_EVENT) for n in (1, 2)]

    def test_several_turns_and_images_are_read(self) -> None:
        texts = ("Hi", "Yo", ["Look", ["img"]], "Nice")

        vote = only(log(fastchat_vote(texts=(texts, texts))))

        assert [turn.prompt for turn in vote.turns] == ["Hi", "Look"]

    @pytest.mark.parametrize("kind", ["upvote", "downvote", "flag", "share", "chat"])
    def test_other_events_are_left_out(self, kind: str) -> None:
        assert left_out({"type": kind, "model": "vicuna-13b"}) == [ExclusionReason.OTHER_EVENT]

    @pytest.mark.parametrize(
        ("labels", "reason"),
        [
            (("Model A", "Model B"), None),
            (("### Model A", "### Model B"), None),
            (("vicuna-13b", "koala-13b"), ExclusionReason.NOT_BLIND),
            (("### Model A: vicuna-13b", "### Model B: k"), ExclusionReason.AFTER_THE_REVEAL),
            (("<h3>Model A: vicuna-13b</h3>\n", ""), ExclusionReason.AFTER_THE_REVEAL),
        ],
    )
    def test_only_blind_votes_are_imported(
        self, labels: tuple[str, str], reason: ExclusionReason | None
    ) -> None:
        assert left_out(fastchat_vote(labels=labels)) == ([reason] if reason else [])

    @pytest.mark.parametrize(
        "reply",
        [
            None,
            "",
            "**NETWORK ERROR DUE TO HIGH TRAFFIC. PLEASE REGENERATE OR REFRESH THIS PAGE.**",
            "Well\n\n(error_code: 50002)",
            "$MODERATION$ YOUR INPUT VIOLATES OUR CONTENT MODERATION GUIDELINES.",
            "I was say▌",
        ],
    )
    def test_a_vote_on_a_failed_reply_is_left_out(self, reply: str | None) -> None:
        event = fastchat_vote(texts=(("Hi", "Yo"), ("Hi", reply)))

        assert left_out(event) == [ExclusionReason.FAILED_REPLY]

    @pytest.mark.parametrize(
        ("event", "column", "change"),
        [
            (fastchat_vote(models=("m", "m")), "states", "a model never meets itself"),
            (fastchat_vote(conversations=("", "c2")), "states", "side 0 has no conv_id"),
            (fastchat_vote(models=("m", "")), "states", "side 1 has no conv_id or no model_name"),
            (fastchat_vote(texts=(("Hi",), ("Hi",))), "states", "user and model by turns"),
            (fastchat_vote(texts=(("a", "b"), ("c", "d"))), "states", "different things"),
            (fastchat_vote(states=[]), "states", "the two sides of the battle"),
            (fastchat_vote(states=[{}, 3]), "states", "side 0 has no conv_id"),
            (fastchat_vote(labels=("",)), "models", "the two labels above the answers"),
            (fastchat_vote(ip=""), "ip", "is empty"),
            (fastchat_vote(tstamp="now"), "tstamp", "should be a number"),
            ({"models": []}, "type", "is empty"),
        ],
    )
    def test_a_bad_event_is_named(self, event: dict[str, Any], column: str, change: str) -> None:
        found = faults(log(event))

        assert found[0][1] == column
        assert change in found[0][3]

    def test_both_votes_of_a_battle_have_its_id(self) -> None:
        first, second = log(fastchat_vote("leftvote"), fastchat_vote("rightvote", tstamp=2))

        assert isinstance(first, ImportedVote)
        assert isinstance(second, ImportedVote)
        assert first.battle_id == second.battle_id

    def test_columns_cannot_be_renamed(self) -> None:
        with pytest.raises(UnreadableFile, match="--columns is for CSV"):
            list(read(VoteFormat.FASTCHAT, json_lines([fastchat_vote()]), Reading({"ip": "who"})))


@given(
    st.sampled_from(["type", "models", "states", "ip", "tstamp", "conv_id", "messages", "offset"]),
    json_values,
)
def test_no_value_in_a_log_breaks_the_reader(field: str, value: Any) -> None:
    event = fastchat_vote()
    state = event["states"][0]
    (state if field in state else event)[field] = value

    assert len(log(event)) >= 1
