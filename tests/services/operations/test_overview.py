"""What the overview counts: votes by day, and of the last 24 hours shares, speeds and queues."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.domain.errors import NotAllowed
from arena.inference.backend import ModelState, ModelStatus
from arena.inference.traffic import Phase
from arena.services.operations.overview import Overviews
from arena.storage.database import Database
from arena.storage.recent_work import RecentReplies
from tests.builders import ADMIN, ANNOTATOR, NOON, seed_battle, seed_vote
from tests.fakes.campaigns import HandClock

ALPHA, BETA = ModelKey("alpha"), ModelKey("beta")
DAY = timedelta(days=1)


def overviews(
    database: Database, requests: Mapping[tuple[ModelKey, Phase], int] | None = None
) -> Overviews:
    rows = tuple(
        ModelRow(key=key, name=key.title(), backend="local", source=key) for key in (ALPHA, BETA)
    )
    clock = HandClock()
    clock.time = NOON
    return Overviews(
        database,
        ModelCatalog(Path("models.yaml"), rows),
        lambda: {row.key: ModelStatus(ModelState.READY) for row in rows},
        clock=clock,
        open_requests=lambda: requests or {},
    )


def test_votes_are_counted_by_their_day_and_days_without_one_stay(database: Database) -> None:
    midnight = NOON.replace(hour=0)
    for at in (midnight, NOON, midnight - timedelta(microseconds=1), NOON - 13 * DAY):
        seed_vote(database, at=at)
    seed_vote(database, at=NOON - 14 * DAY)
    found = overviews(database).overview(ADMIN)
    assert list(found.recent.votes.values()) == [1, *[0] * 11, 1, 2]
    assert (min(found.recent.votes), max(found.recent.votes)) == (
        date(2026, 2, 16),
        date(2026, 3, 1),
    )
    assert (found.recent.votes_today, found.votes) == (2, 5)


def test_shares_and_speeds_are_of_battles_of_the_last_24_hours(database: Database) -> None:
    seed_vote(database)
    seed_battle(database, state=BattleState.VOID, failing=1, at=NOON - DAY)
    seed_battle(database, state=BattleState.ABANDONED)
    seed_battle(database, state=BattleState.VOID, failing=0, at=NOON - DAY - timedelta(seconds=1))
    found = overviews(database).overview(ADMIN)
    assert found.recent.share_in(BattleState.VOID) == pytest.approx(1 / 3)
    assert found.recent.share_in(BattleState.ABANDONED) == pytest.approx(1 / 3)
    assert found.recent.cut == 0
    alpha, beta = (model.recent for model in found.models)
    assert alpha == RecentReplies(shown=3, cut=0, failed=0, tokens=21, seconds=1.5)
    assert (beta.shown, beta.failed) == (3, 1)


def test_an_arena_where_nothing_happened_has_no_shares(database: Database) -> None:
    recent = overviews(database).overview(ADMIN).recent
    assert recent.cut is None
    assert recent.share_in(BattleState.VOID) is None
    assert recent.votes_today == 0


def test_open_requests_stand_with_their_model(database: Database) -> None:
    requests = {(ALPHA, Phase.WAITING): 2, (ALPHA, Phase.ANSWERING): 1}
    alpha, beta = overviews(database, requests).overview(ADMIN).models
    assert (alpha.waiting, alpha.answering) == (2, 1)
    assert (beta.waiting, beta.answering) == (0, 0)


def test_nobody_but_admins_gets_it(database: Database) -> None:
    with pytest.raises(NotAllowed):
        overviews(database).overview(ANNOTATOR)
