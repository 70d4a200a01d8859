"""What a page shows, as a text that the page keeps and sends along with every event.

None of it is trusted: the battle must be the caller's own, and its texts those of the ledger.
"""

from arena.domain.battle import BattleId, Shown

NOTHING = ""
"""The text of a page without a battle, or with one that it has voted on."""


def shown_text(shown: Shown) -> str:
    """Write the battle's id and the digest of its texts."""
    return f"{shown.battle_id} {shown.digest}"


def read_shown(text: str) -> Shown | None:
    """Read what `shown_text` wrote; None for a page without a battle."""
    battle_id, _, digest = text.partition(" ")
    return Shown(BattleId(battle_id), digest) if battle_id else None
