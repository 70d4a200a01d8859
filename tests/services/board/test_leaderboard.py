"""Boards: rights, contents and their JSON document."""

import pytest

from arena.domain.accounts import Caller
from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.errors import NotAllowed, Refusal
from arena.domain.reply import FlagKind
from arena.domain.verdict import Verdict
from arena.domain.visibility import Visibility
from arena.services.board.leaderboard import Leaderboards
from arena.storage.database import Database
from tests.builders import ADMIN, ANNOTATOR, seed_group, seed_vote, seed_votes
from tests.fakes.stored_campaigns import set_state, store_campaign

ALPHA, BETA, GAMMA = ModelKey("alpha"), ModelKey("beta"), ModelKey("gamma")


@pytest.fixture
def boards(database: Database) -> Leaderboards:
    return Leaderboards(database, visibility=Visibility.PUBLIC)


@pytest.mark.parametrize(
    ("visibility", "caller"),
    [
        (Visibility.PUBLIC, None),
        (Visibility.PUBLIC, ANNOTATOR),
        (Visibility.ANNOTATORS, ANNOTATOR),
        (Visibility.ANNOTATORS, ADMIN),
        (Visibility.ADMINS, ADMIN),
    ],
)
def test_the_circle_may_read(
    database: Database, visibility: Visibility, caller: Caller | None
) -> None:
    boards = Leaderboards(database, visibility=visibility)

    assert boards.board(caller).votes == 0
    assert boards.choices(caller)["category"] == ()


@pytest.mark.parametrize(
    ("visibility", "caller", "refusal"),
    [
        (Visibility.ANNOTATORS, None, Refusal.NOT_SIGNED_IN),
        (Visibility.ADMINS, None, Refusal.NOT_SIGNED_IN),
        (Visibility.ADMINS, ANNOTATOR, Refusal.NOT_ALLOWED),
    ],
)
def test_others_are_refused_board_and_choices(
    database: Database, visibility: Visibility, caller: Caller | None, refusal: Refusal
) -> None:
    boards = Leaderboards(database, visibility=visibility)

    for read in (boards.board, boards.choices):
        with pytest.raises(NotAllowed) as caught:
            read(caller)
        assert caught.value.refusal is refusal


@pytest.mark.parametrize("caller", [None, ANNOTATOR])
@pytest.mark.parametrize("state", ["open", "paused"])
def test_while_a_campaign_takes_votes_boards_are_for_admins_alone(
    database: Database, boards: Leaderboards, caller: Caller | None, state: str
) -> None:
    seed_votes(database, wins=3, losses=1)
    store_campaign(database, "What is the capital of France?")
    assert boards.board(caller).votes == 4

    set_state(database, state)
    for read in (boards.board, boards.choices):
        with pytest.raises(NotAllowed) as caught:
            read(caller)
        assert caught.value.refusal is Refusal.CAMPAIGN_IS_OPEN
    assert boards.board(ADMIN).votes == 4

    set_state(database, "closed")
    assert boards.board(caller).votes == 4


@pytest.mark.parametrize("caller", [None, ANNOTATOR])
def test_a_group_in_which_one_person_could_be_told_is_for_admins_alone(
    database: Database, boards: Leaderboards, caller: Caller | None
) -> None:
    seed_group(database, "few", "ada", "bob")
    seed_group(database, "many", "eve", "ian", "lea")
    few, many, unknown = (BoardFilter(group=name) for name in ("few", "many", "unknown"))

    assert boards.choices(caller)["group"] == ("many",)
    assert boards.board(caller, many).votes == 3
    for refused in (few, unknown):  # who asks learns of no group that is not offered
        with pytest.raises(NotAllowed) as caught:
            boards.board(caller, refused)
        assert caught.value.refusal is Refusal.GROUP_TOO_SMALL
        assert "ada" not in str(caught.value)

    assert boards.choices(ADMIN)["group"] == ("few", "many")
    assert boards.board(ADMIN, few).votes == 2
    with pytest.raises(NotAllowed):  # also now that the board is kept
        boards.board(caller, few)


def test_a_group_is_open_to_all_when_a_third_person_votes(
    database: Database, boards: Leaderboards
) -> None:
    seed_group(database, "few", "ada", "bob")
    few = BoardFilter(group="few")
    with pytest.raises(NotAllowed):
        boards.board(None, few)

    seed_group(database, "few", "eve")

    assert boards.choices(None)["group"] == ("few",)
    assert boards.board(None, few).votes == 3


def test_flagged_comparisons_are_left_out_counted_and_can_be_included(
    database: Database, boards: Leaderboards
) -> None:
    seed_votes(database, wins=1)
    seed_vote(database, Verdict.B_BETTER, recognised=True)
    both = (FlagKind.TRUNCATED, FlagKind.IDENTITY_LEAK)
    seed_vote(database, Verdict.B_BETTER, models=("alpha", "gamma"), reply_flags={1: both})

    board = boards.board(None)
    everything = boards.board(None, BoardFilter(include_flagged=True))

    assert (board.votes, board.comparisons, everything.votes) == (1, 1, 3)
    assert board.excluded == {
        FlagKind.RECOGNISED: 1,
        FlagKind.IDENTITY_LEAK: 1,
        FlagKind.TRUNCATED: 1,
        FlagKind.ANNOTATOR_EXCLUDED: 0,
    }
    assert board.flagged.total == 2
    assert board.flagged.total_of_model == {ALPHA: 2, BETA: 1, GAMMA: 1}
    assert board.flagged.by_model[ALPHA][FlagKind.RECOGNISED] == 1
    assert set(everything.excluded.values()) == {0}
    assert everything.flagged == board.flagged


def test_a_model_with_flagged_votes_alone_stays_on_the_board_without_a_rate(
    database: Database, boards: Leaderboards
) -> None:
    seed_vote(database, recognised=True)

    board = boards.board(None)

    assert [result.model for result in board.models] == [ALPHA, BETA]
    assert board.models[0].pooled.rate is None
    assert board.names == {ALPHA: "Name of alpha", BETA: "Name of beta"}


def test_a_baselines_pairs_come_weakest_first_and_undecided_last(
    database: Database, boards: Leaderboards
) -> None:
    seed_votes(database, models=("alpha", "beta"), wins=3, losses=1)
    seed_votes(database, models=("alpha", "gamma"), wins=1, losses=3)
    seed_votes(database, models=("alpha", "delta"), ties=2)

    board = boards.board(None)

    assert [pair.opponent for pair in board.pairs_of(ALPHA)] == ["gamma", "beta", "delta"]


def test_mixed_configurations_are_named(database: Database, boards: Leaderboards) -> None:
    seed_vote(database)
    seed_vote(database, models=("alpha", "gamma"), fingerprint="2")

    assert boards.board(None).mixed == (ALPHA,)


def test_an_annotator_who_always_prefers_the_left_shows_in_the_side_share(
    database: Database, boards: Leaderboards
) -> None:
    for models in (("alpha", "beta"), ("beta", "alpha")):
        seed_vote(database, Verdict.A_BETTER, models=models)

    side = boards.board(None).side

    assert (side.share, side.decisive) == (1.0, 2)
