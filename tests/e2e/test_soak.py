"""A crowd that votes for minutes: no vote is lost or doubled, on either database.

8 people for 6 seconds in `make test`; 200 for 10 minutes are `python -m tests.endurance.soak`.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.database_kinds import ON_BOTH
from tests.e2e.bestiary import bestiary
from tests.e2e.serving import serving
from tests.endurance.soak import soaked, voted_battles

pytestmark = pytest.mark.server


@ON_BOTH
def test_every_acknowledged_vote_of_a_crowd_is_stored_once(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made: Callable[[Path, int], str] = request.getfixturevalue(f"new_{database_kind}_url")
    with serving(tmp_path / "served", bestiary(), url=made(tmp_path, 0)) as arena:
        voting = soaked(arena.address, arena.pid, minutes=0.1, people=8, reading_s=0.5)
        found = asyncio.run(voting)
        stored = voted_battles(arena.url)

    assert found.refused == []
    assert len(found.acknowledged) >= 8
    assert sorted(stored) == sorted(found.acknowledged)
