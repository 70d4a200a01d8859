"""What an annotator may see of a battle, made from what the ledger holds of it."""

from collections.abc import Mapping

from arena.domain.battle import BattleView, TurnView
from arena.services.battle.turn_results import cut_slots
from arena.storage.battles import BattleRecord

_NOTHING: Mapping[int, str] = {}


def view_of(record: BattleRecord, visible: Mapping[int, str] = _NOTHING) -> BattleView:
    """Build the view of a battle; `visible` are newer texts of the last turn, by slot position."""
    last = record.turns[-1]
    replies = {reply.position: reply.text for reply in last.replies} | dict(visible)
    earlier = (
        TurnView(turn.prompt, tuple(reply.text for reply in turn.replies))
        for turn in record.turns[:-1]
    )
    newest = TurnView(last.prompt, tuple(replies.get(slot.position, "") for slot in record.slots))
    return BattleView(
        battle_id=record.id,
        state=record.state,
        slots=len(record.slots),
        turns=(*earlier, newest),
        truncated=bool(cut_slots(last)),
        recognised=record.recognised,
    )
