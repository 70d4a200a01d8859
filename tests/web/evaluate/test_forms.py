"""What annotators send, read into ballots."""

import pytest
from starlette.datastructures import FormData, UploadFile

from arena.domain.campaign import Protocol, ProtocolKind
from arena.domain.errors import BadInput, Refusal
from arena.domain.evaluation import Attention, SkipReason
from arena.domain.verdict import Reason, Verdict
from arena.web.evaluate.forms import (
    chosen_verdict,
    read_attention,
    read_ballot,
    read_draft,
    read_shown,
    read_skip,
    verdict_choices,
)

PAIR = Protocol(kind=ProtocolKind.PAIRWISE)
STRONG = Protocol(kind=ProtocolKind.PAIRWISE, strength=True)
RANKED = Protocol(kind=ProtocolKind.ALL_AT_ONCE)
SCORED = Protocol(kind=ProtocolKind.PAIRWISE, criteria={"accuracy": None})


def test_verdicts_stand_in_the_order_of_the_columns() -> None:
    assert verdict_choices(PAIR) == ("a_better", "tie", "both_bad", "b_better")
    assert verdict_choices(STRONG) == (
        "a_better:much",
        "a_better:slightly",
        "tie",
        "both_bad",
        "b_better:slightly",
        "b_better:much",
    )


@pytest.mark.parametrize("protocol", [PAIR, STRONG])
def test_every_verdict_that_is_offered_can_be_read_and_shown_again(protocol: Protocol) -> None:
    for value in verdict_choices(protocol):
        ballot = read_ballot(FormData({"verdict": value}), protocol, slots=2)
        assert chosen_verdict(ballot) == value


def test_strength_is_known_only_where_a_winner_is_named() -> None:
    assert read_ballot(FormData({"verdict": "a_better:much"}), STRONG, slots=2).much is True
    assert read_ballot(FormData({"verdict": "b_better:slightly"}), STRONG, slots=2).much is False
    assert read_ballot(FormData({"verdict": "tie"}), STRONG, slots=2).much is None


@pytest.mark.parametrize("value", ["", "a_better:much", "c_better", "A_BETTER"])
def test_a_verdict_that_is_not_offered_is_refused(value: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_ballot(FormData({"verdict": value}), PAIR, slots=2)

    assert refused.value.refusal is Refusal.BALLOT_INCOMPLETE


def test_a_ranking_needs_a_rank_for_every_answer() -> None:
    complete = FormData({"rank-a": "2", "rank-b": "1", "rank-c": "2"})
    assert read_ballot(complete, RANKED, slots=3).ranks == (2, 1, 2)

    for missing in ("rank-a", "rank-b", "rank-c"):
        fields = {name: rank for name, rank in complete.items() if name != missing}
        with pytest.raises(BadInput):
            read_ballot(FormData(fields), RANKED, slots=3)


@pytest.mark.parametrize("rank", ["0", "4", "-1", "1.5", "²", "99999999999999"])
def test_a_rank_that_there_is_not_is_refused(rank: str) -> None:
    with pytest.raises(BadInput):
        read_ballot(FormData({"rank-a": rank, "rank-b": "1", "rank-c": "2"}), RANKED, slots=3)


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ((2, 3, 3), (1, 2, 2)),
        ((1, 1, 1), (1, 1, 1)),
        ((3, 3, 3), (1, 1, 1)),
        ((1, 1, 2), (1, 1, 3)),
    ],
)
def test_ranks_with_gaps_count_by_their_order(
    given: tuple[int, ...], counts: tuple[int, ...]
) -> None:
    fields = {f"rank-{letter}": str(rank) for letter, rank in zip("abc", given, strict=True)}

    assert read_ballot(FormData(fields), RANKED, slots=3).ranks == counts


def test_every_criterion_needs_a_score_for_every_answer() -> None:
    fields = {"verdict": "tie", "score-accuracy-a": "5", "score-accuracy-b": "1"}
    scores = read_ballot(FormData(fields), SCORED, slots=2).scores
    assert scores == {(0, "accuracy"): 5, (1, "accuracy"): 1}

    for wrong in ("", "0", "6"):
        with pytest.raises(BadInput):
            read_ballot(FormData(fields | {"score-accuracy-b": wrong}), SCORED, slots=2)


def test_reasons_and_comment_are_read_where_they_are_asked_for() -> None:
    fields: list[tuple[str, str | UploadFile]] = [
        ("verdict", "tie"),
        ("reason-a", "useful"),
        ("reason-a", "nonsense"),
        ("reason-b", "unsafe"),
        ("comment", "Both say so."),
    ]
    asked = read_ballot(FormData(fields), PAIR, slots=2)
    assert asked.reasons == ((0, Reason.USEFUL), (1, Reason.UNSAFE))
    assert asked.comment == "Both say so."

    quiet = Protocol(kind=ProtocolKind.PAIRWISE, reasons=False, comment=False)
    unasked = read_ballot(FormData(fields), quiet, slots=2)
    assert (unasked.reasons, unasked.comment) == ((), "")


def test_a_draft_keeps_what_there_is_of_a_ballot_that_is_incomplete() -> None:
    fields = {"rank-a": "2", "comment": "half", "score-accuracy-a": "3"}

    draft = read_draft(FormData(fields), RANKED, slots=3)

    assert draft.ranks == (2, 0, 0)
    assert draft.comment == "half"
    assert read_draft(FormData({"verdict": "b_better"}), PAIR, slots=2).verdict is Verdict.B_BETTER
    assert read_draft(FormData({}), PAIR, slots=2).ranks == ()


def test_what_was_shown_needs_a_battle_and_a_digest() -> None:
    shown = read_shown(FormData({"shown": "battle digest"}))

    assert shown is not None
    assert (shown.battle_id, shown.digest) == ("battle", "digest")
    assert read_shown(FormData({"shown": "battle"})) is None
    assert read_shown(FormData({})) is None


@pytest.mark.parametrize("nonsense", ["", "much", "nan", "inf", "-1", "1e9"])
def test_reading_that_makes_no_sense_is_unknown(nonsense: str) -> None:
    fields = {"visible_s": nonsense, "depth-a": nonsense, "depth-b": "1"}

    assert read_attention(FormData(fields), slots=2) == Attention(None, ())


def test_how_far_each_reply_was_scrolled_is_read_by_its_slot() -> None:
    fields = {"visible_s": "12.5", "depth-b": "0.25", "depth-a": "1"}

    found = read_attention(FormData(fields), slots=2)

    assert found == Attention(12.5, (1.0, 0.25))
    assert found.scroll_depth == 0.625
    assert Attention().scroll_depth is None


def test_an_item_is_skipped_for_a_reason() -> None:
    fields = {"reason": "language", "words": "It is Greek."}
    assert read_skip(FormData(fields)) == (SkipReason.LANGUAGE, "It is Greek.")

    with pytest.raises(BadInput):
        read_skip(FormData({"words": "It is Greek."}))
