"""A frozen board as it is read again: the stored document, and what its numbers are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from arena.domain.board import BoardFilter
from arena.domain.board_fields import filter_of
from arena.domain.conversation import ModelKey
from arena.services.board.snapshots.freezing import HEADER
from arena.storage.boards.snapshots import SnapshotHead, StoredSnapshot


@dataclass(frozen=True)
class BoardSnapshot:
    """A frozen board: its `document` to the letter, and as `content`."""

    head: SnapshotHead
    document: str

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """What the document says, under the keys of docs/leaderboard.schema.json."""
        read: Mapping[str, Any] = json.loads(self.document)
        return read

    @property
    def header(self) -> Mapping[str, Any]:
        """What it is a snapshot of: when, of which votes."""
        found: Mapping[str, Any] = self.content[HEADER]
        return found

    @property
    def board_filter(self) -> BoardFilter:
        """Which comparisons it counts."""
        return filter_of(self.head.limits)

    @property
    def names(self) -> Mapping[ModelKey, str]:
        """The names of its models, as they were."""
        return {ModelKey(row["model"]): row["name"] for row in self.content["model_rates"]}


def snapshot_of(stored: StoredSnapshot) -> BoardSnapshot:
    """Read what is stored."""
    return BoardSnapshot(stored.head, stored.document)
