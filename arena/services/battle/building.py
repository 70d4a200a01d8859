"""Builds the battles of an arena in which models answer live."""

import asyncio
from collections.abc import Callable
from random import Random

from arena.services.battle.battles import Battles
from arena.services.battle.eligibility import BattleRules, Eligibility, Models
from arena.services.battle.live_replies import LiveReplies
from arena.services.battle.open_play import OpenPlay
from arena.services.battle.pair_information import PairInformation
from arena.services.battle.store import BattleStore
from arena.services.battle.turn_keeping import Offload, TurnKeeper
from arena.services.battle.turn_runner import TurnRunner
from arena.services.failures import FailureLog


def build_battles(
    *,
    store: BattleStore,
    models: Models,
    runner: TurnRunner,
    interval: Callable[[], float],
    rules: BattleRules,
    random: Random,
    failure_log: FailureLog,
    offload: Offload = asyncio.to_thread,
    information: PairInformation | None = None,
) -> Battles:
    """Return battles drawn in open play; `interval` gives the seconds until the next frame.

    With `information` pairs are drawn by what votes tell so far.
    """
    eligibility = Eligibility(models, rules)
    keeper = TurnKeeper(
        store.database,
        store.clock,
        owner=store.owner,
        offload=offload,
        failure_log=failure_log,
    )
    return Battles(
        store=store,
        open_play=OpenPlay(
            eligibility,
            store.contestants,
            mode=rules.mode,
            random=random,
            information=information,
        ),
        replies=LiveReplies(
            models=models,
            contestants=store.contestants,
            runner=runner,
            keeper=keeper,
            interval=interval,
            hold=rules.hold,
            reading_pace=rules.reading_pace,
        ),
        eligibility=eligibility,
        rules=rules,
        offload=offload,
    )
