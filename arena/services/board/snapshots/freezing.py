"""A board as it is at this moment, ready to be kept under a number."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arena import __version__
from arena.domain.board import BoardFilter
from arena.domain.board_fields import limits_of
from arena.services.board.details import detailed_of
from arena.services.board.rows import board_document
from arena.storage.boards.snapshots import Watermark, watermark
from arena.storage.database import Connection

HEADER = "snapshot"
"""The key of a document under which stands what it is a snapshot of."""


@dataclass(frozen=True, slots=True)
class FrozenBoard:
    """The numbers of a board, and how far the ledger was counted, of one moment.

    `document` is what `arena leaderboard --json` would have printed; `last_vote` is when the newest
    comparison was cast, None on a board without one.
    """

    board_filter: BoardFilter
    document: Mapping[str, Any]
    last_vote: datetime | None
    counted: Watermark


def frozen_board(connection: Connection, board_filter: BoardFilter) -> FrozenBoard:
    """Compute a board and all of its numbers, from what the connection sees."""
    detailed = detailed_of(connection, board_filter)
    return FrozenBoard(
        board_filter=board_filter,
        document=board_document(detailed),
        last_vote=detailed.last_vote,
        counted=watermark(connection),
    )


def file_of(frozen: FrozenBoard, *, number: int, at: datetime) -> str:
    """Return the document of a snapshot: its fingerprint is that of this text, to the letter."""
    revision = frozen.counted.revision
    header = {
        "number": number,
        "frozen_at": at.isoformat(),
        "limits": limits_of(frozen.board_filter),
        "last_vote_at": frozen.last_vote.isoformat() if frozen.last_vote else None,
        "last_vote": frozen.counted.vote,
        "last_revision": revision._asdict() if revision else None,
        "chain_head": frozen.counted.head,
        "arena": __version__,
    }
    whole = {HEADER: header, **frozen.document}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def same_board(frozen: FrozenBoard, document: str) -> bool:
    """Return whether a stored document has these numbers, of these votes."""
    header = json.loads(document)[HEADER]
    at = datetime.fromisoformat(header["frozen_at"])
    return document == file_of(frozen, number=header["number"], at=at)
