"""Whether the ledger is what the arena stored: its rules, its counts and its chain."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from arena.storage.chain.checking import (
    ChainHead,
    ChainKey,
    chain_faults,
    chain_head,
    stands_at,
)
from arena.storage.database import Connection, Database
from arena.storage.ledger_rules import count_faults, rule_faults
from arena.storage.votes import count_all_votes

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at: the number of votes, and the head of the chain, None of an empty one."""

    votes: int
    head: ChainHead | None


class NoHead(ValueError):
    """What was given as the head of a chain is none."""


def parsed_head(noted: str) -> ChainHead:
    """Read the head of a chain as it was printed; raises `NoHead` for anything else."""
    match = _HEAD.fullmatch(noted)
    if match is None:
        raise NoHead("write NUMBER:DIGEST, as `arena verify` printed it")
    return ChainHead(int(match[1]), match[2])


class Verification:
    """A check of a whole ledger, in one snapshot. Blocking; minutes for millions of votes."""

    def __init__(self, database: Database, *, noted: ChainHead | None = None) -> None:
        self._database = database
        self._noted = noted

    def checked(self) -> Checked:
        """Return what there is to look at."""
        with self._database.reading() as connection:
            return Checked(count_all_votes(connection), chain_head(connection))

    def faults(self) -> Iterator[str]:
        """Yield a sentence for each thing that is not as the arena stored it."""
        with self._database.reading() as connection:
            yield from rule_faults(connection)
            yield from count_faults(connection)
            yield from chain_faults(connection, self._key())
            yield from self._since_noted(connection)

    def _key(self) -> ChainKey | None:
        file = self._database.chain_key
        return ChainKey(file.name, file.secret) if file.path.exists() else None

    def _since_noted(self, connection: Connection) -> Iterator[str]:
        if self._noted is not None and not stands_at(connection, self._noted):
            yield (
                f"the chain has no entry {self._noted}: votes that were there when it was noted "
                "were removed or changed, or this is another database"
            )
