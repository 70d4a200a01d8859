"""Sets of values that grow: a row each, so that a new value needs an INSERT and no new table.

Columns refer to them by foreign keys. `replies.finish_reason` has a check instead: its values are
those of the OpenAI protocol, and a rebuilt table of replies copies every text.
"""

from enum import StrEnum

import sqlalchemy as sa

from arena.domain.accounts import AccountRole
from arena.domain.assignment import AssignmentState, BattlePurpose, CampaignState
from arena.domain.battle import BattleState
from arena.domain.reply import FlagKind
from arena.domain.verdict import Reason, Strength, Verdict
from arena.storage.schema.columns import metadata


def _values(table: str) -> sa.Table:
    name = sa.Column("name", sa.Text, primary_key=True)
    return sa.Table(table, metadata, name, sqlite_with_rowid=False)


VALUE_SETS: dict[sa.Table, type[StrEnum]] = {
    _values("roles"): AccountRole,
    _values("battle_states"): BattleState,
    _values("verdicts"): Verdict,
    _values("reasons"): Reason,
    _values("flag_kinds"): FlagKind,
    _values("strengths"): Strength,
    _values("battle_purposes"): BattlePurpose,
    _values("campaign_states"): CampaignState,
    _values("assignment_states"): AssignmentState,
}
"""What each table holds: a migration adds the row when an enum grows."""
