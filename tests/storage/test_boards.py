"""Counts that the database groups."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, text, update

from arena.domain.battle import BattleState
from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.reply import FlagKind
from arena.domain.verdict import Verdict
from arena.storage.boards import (
    FlagCount,
    OutcomeCount,
    RankedCount,
    VoidCount,
    flag_counts,
    model_keys,
    model_names,
    outcome_counts,
    ranked_count,
    version,
    void_counts,
)
from arena.storage.boards.choices import board_choices, group_voters
from arena.storage.campaigns import ensure_campaign
from arena.storage.database import Database, RuleBroken
from arena.storage.schema import annotators, vote_revisions
from tests.builders import NOON, seed_battle, seed_group, seed_vote, seed_votes

ALL = BoardFilter()
EVERYTHING = BoardFilter(include_flagged=True)
ALPHA, BETA, GAMMA = ModelKey("alpha"), ModelKey("beta"), ModelKey("gamma")


def _outcomes(database: Database, chosen: BoardFilter = ALL) -> tuple[OutcomeCount, ...]:
    with database.reading() as connection:
        return outcome_counts(connection, chosen)


def _flagged(database: Database, chosen: BoardFilter = ALL) -> tuple[FlagCount, ...]:
    with database.reading() as connection:
        return flag_counts(connection, chosen)


def _keys(database: Database, row: OutcomeCount | FlagCount) -> tuple[ModelKey, ...]:
    with database.reading() as connection:
        keys = model_keys(connection)
    return tuple(keys[number] for number in row.ids)


def _number(database: Database, chosen: BoardFilter) -> int:
    return sum(row.count for row in _outcomes(database, chosen))


def test_votes_are_counted_by_slots_and_verdict(database: Database) -> None:
    for _ in range(3):
        seed_vote(database, Verdict.A_BETTER)
    seed_vote(database, Verdict.A_BETTER, models=("beta", "alpha"))

    found = {(*_keys(database, row), row.verdict): row.count for row in _outcomes(database)}

    assert found == {(ALPHA, BETA, "a_better"): 3, (BETA, ALPHA, "a_better"): 1}


def test_an_empty_database_has_no_counts(database: Database) -> None:
    assert (_outcomes(database), _flagged(database)) == ((), ())
    with database.reading() as connection:
        assert ranked_count(connection, ALL) == RankedCount(0, {})
        assert void_counts(connection, ALL) == {}
        assert board_choices(connection)["language"] == ()


def test_flags_are_told_apart_and_one_comparison_may_have_several(database: Database) -> None:
    seed_vote(database)
    seed_vote(database, recognised=True)
    both = (FlagKind.TRUNCATED, FlagKind.IDENTITY_LEAK)
    seed_vote(database, recognised=True, reply_flags={1: both})

    found = {row.flags: row.count for row in _flagged(database)}

    assert found == {
        frozenset({FlagKind.RECOGNISED}): 1,
        frozenset({FlagKind.RECOGNISED, *both}): 1,
    }
    assert (_number(database, ALL), _number(database, EVERYTHING)) == (1, 3)


def test_a_ranking_gives_all_its_comparisons_and_is_one_vote(database: Database) -> None:
    seed_vote(
        database,
        None,
        models=("alpha", "beta", "gamma"),
        ranks=(2, 1, 2),
        reply_flags={2: [FlagKind.TRUNCATED]},
    )

    counted = {_keys(database, row): row.verdict for row in _outcomes(database)}
    everything = {_keys(database, row): row.verdict for row in _outcomes(database, EVERYTHING)}
    flagged = {_keys(database, row): row.flags for row in _flagged(database)}

    cut = frozenset({FlagKind.TRUNCATED})
    assert counted == {(ALPHA, BETA): "b_better"}
    assert everything == counted | {(ALPHA, GAMMA): "tie", (BETA, GAMMA): "a_better"}
    assert flagged == {(ALPHA, GAMMA): cut, (BETA, GAMMA): cut}
    with database.reading() as connection:
        assert ranked_count(connection, ALL) == RankedCount(1, {ALPHA: 1, BETA: 1, GAMMA: 1})


def test_the_newest_revision_is_the_verdict_that_counts(database: Database) -> None:
    vote = seed_vote(database, Verdict.A_BETTER)
    with database.writing() as connection:
        for revision, verdict in enumerate((Verdict.TIE, Verdict.B_BETTER), start=1):
            values = {"vote_id": vote.vote_id, "revision": revision, "verdict": verdict.value}
            more = {"who": 1, "why": "slip", "at": NOON}
            connection.execute(insert(vote_revisions).values(values | more))

    assert [row.verdict for row in _outcomes(database)] == ["b_better"]


def test_filters_by_category_language_models_and_time(database: Database) -> None:
    hour = timedelta(hours=1)
    seed_vote(database, category="math", at=NOON)
    seed_vote(database, language="zh", at=NOON + hour)
    seed_vote(database, models=("alpha", "gamma"), at=NOON + 2 * hour)

    assert _number(database, BoardFilter()) == 3
    assert _number(database, BoardFilter(category="math")) == 1
    assert _number(database, BoardFilter(language="zh")) == 1
    assert _number(database, BoardFilter(models=frozenset({ALPHA, BETA}))) == 2
    assert _number(database, BoardFilter(models=frozenset({GAMMA}))) == 0
    assert _number(database, BoardFilter(since=NOON + hour)) == 2
    assert _number(database, BoardFilter(until=NOON + hour)) == 1


def test_filters_by_group_of_annotators(database: Database) -> None:
    seed_vote(database, annotator="ada")
    seed_vote(database, annotator="bob", recognised=True)
    seed_battle(database, annotator="bob", failing=0, state=BattleState.VOID)
    with database.writing() as connection:
        bob = update(annotators).where(annotators.c.name == "bob")
        connection.execute(bob.values(group_name="experts"))
    experts = BoardFilter(group="experts")

    assert (_number(database, experts), len(_flagged(database, experts))) == (0, 1)
    assert _number(database, BoardFilter(group="laymen")) == 0
    with database.reading() as connection:
        assert board_choices(connection)["group"] == ("experts",)
        assert void_counts(connection, experts).keys() == {ALPHA, BETA}
        assert void_counts(connection, BoardFilter(group="laymen")) == {}


def test_groups_to_choose_from_are_those_whose_members_voted(database: Database) -> None:
    seed_group(database, "experts", "ada", "bob")
    seed_group(database, "laymen", "eve")
    seed_vote(database, annotator="ada")
    seed_battle(database, annotator="ian")
    with database.writing() as connection:
        ian = update(annotators).where(annotators.c.name == "ian")
        connection.execute(ian.values(group_name="idle"))

    with database.reading() as connection:
        assert board_choices(connection)["group"] == ("experts", "laymen")
        assert board_choices(connection, members=2)["group"] == ("experts",)
        assert board_choices(connection, members=3)["group"] == ()
        voters = [group_voters(connection, name) for name in ("experts", "laymen", "idle", "none")]
    assert voters == [2, 1, 0, 0]


def test_a_void_battle_counts_for_both_models_and_as_failure_of_one(database: Database) -> None:
    seed_vote(database)
    seed_battle(database, failing=1, state=BattleState.VOID, category="math")

    with database.reading() as connection:
        assert void_counts(connection, ALL) == {
            ALPHA: VoidCount(void=1, failed=0),
            BETA: VoidCount(void=1, failed=1),
        }
        assert void_counts(connection, BoardFilter(category="coding")) == {}
        assert void_counts(connection, BoardFilter(models=frozenset({ALPHA, GAMMA}))) == {}


def test_configurations_of_one_model_are_counted_apart(database: Database) -> None:
    seed_vote(database)
    seed_vote(database, fingerprint="2")

    assert len({row.model_id_a for row in _outcomes(database)}) == 2


def test_choices_come_from_votes_and_names_from_the_newest_snapshot(database: Database) -> None:
    seed_votes(database, wins=1, category="math")
    seed_vote(database, language="zh")
    seed_battle(database, language="fr", category="agent")

    with database.reading() as connection:
        choices = board_choices(connection)
        assert (choices["category"], choices["language"]) == (("math",), ("en", "zh"))
        assert model_names(connection) == {ALPHA: "Name of alpha", BETA: "Name of beta"}


def test_the_version_grows_with_votes_and_void_battles_and_not_with_open_ones(
    database: Database,
) -> None:
    def now() -> int:
        with database.reading() as connection:
            return version(connection) or 0

    began = now()
    seed_battle(database)
    assert now() == began, "a battle that just began must not show on any board"
    seed_vote(database)
    voted = now()
    assert voted > began
    seed_battle(database, failing=1, state=BattleState.VOID)
    assert now() > voted


def test_a_campaign_is_counted_alone_and_can_be_chosen(database: Database) -> None:
    seed_vote(database)
    seed_vote(database, campaign="spring")
    seed_vote(database, campaign="spring", recognised=True)
    with database.writing() as connection:
        ensure_campaign(connection, "empty", NOON)

    with database.reading() as connection:
        spring = BoardFilter(campaign="spring")
        assert sum(row.count for row in outcome_counts(connection, spring)) == 1
        assert sum(row.count for row in flag_counts(connection, spring)) == 1
        assert outcome_counts(connection, BoardFilter(campaign="autumn")) == ()
        assert board_choices(connection)["campaign"] == ("spring",)


def test_a_battle_never_changes_its_campaign(database: Database) -> None:
    seed_vote(database, campaign="spring")

    with pytest.raises(RuleBroken), database.writing() as connection:
        connection.execute(text("UPDATE battles SET campaign_id = NULL"))


def test_a_campaign_with_another_name_makes_boards_new(database: Database) -> None:
    seed_vote(database, campaign="spring")
    with database.reading() as connection:
        before = version(connection)
    with database.writing() as connection:
        connection.execute(text("UPDATE campaigns SET name = 'summer'"))

    with database.reading() as connection:
        after = version(connection)
    assert before is not None
    assert after is not None
    assert after > before
