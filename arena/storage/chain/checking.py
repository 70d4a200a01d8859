"""Compares the chain with the votes that it is about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from arena.storage.chain.contents import AT_ONCE, Link, contents
from arena.storage.chain.writing import digest
from arena.storage.schema import vote_chain

_of = vote_chain.c
_UNCHAINED = text("""
SELECT id, 0 FROM votes EXCEPT SELECT vote_id, revision FROM vote_chain
UNION ALL
SELECT * FROM (
  SELECT vote_id, revision FROM vote_revisions EXCEPT SELECT vote_id, revision FROM vote_chain
) AS revised
ORDER BY 1, 2
""")


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest entry of a chain: its number, and its digest in hexadecimal digits.

    Whoever has noted it can tell later whether the chain up to it is still the same.
    """

    number: int
    digest: str

    def __str__(self) -> str:
        """Return `NUMBER:DIGEST`."""
        return f"{self.number}:{self.digest}"


@dataclass(frozen=True, slots=True)
class ChainKey:
    """The key that is there, by its name; without a secret nothing can be compared."""

    name: str
    secret: bytes


def chain_head(connection: Connection) -> ChainHead | None:
    """Return the newest entry; None of an empty chain."""
    row = connection.execute(
        select(_of.number, _of.digest).order_by(_of.number.desc()).limit(1)
    ).one_or_none()
    return ChainHead(row.number, row.digest.hex()) if row else None


def stands_at(connection: Connection, noted: ChainHead) -> bool:
    """Return whether the chain still has an entry that was noted as its head."""
    query = select(_of.digest).where(_of.number == noted.number)
    found = connection.execute(query).scalar_one_or_none()
    return found is not None and found.hex() == noted.digest


def chain_faults(connection: Connection, key: ChainKey | None) -> Iterator[str]:
    """Yield a sentence for each entry that does not fit, and each vote without an entry.

    An entry is compared by the digest that is stored before it, so that one changed vote is one
    sentence. About a minute for a million votes.
    """
    check, last = _Check(key), 0
    query = select(_of.number, _of.vote_id, _of.revision, _of.key, _of.digest)
    while True:
        some = connection.execute(
            query.where(_of.number > last).order_by(_of.number).limit(AT_ONCE)
        ).all()
        if not some:
            break
        yield from check.faults(connection, some)
        last = some[-1].number
    yield from check.of_other_keys()
    for row in connection.execute(_UNCHAINED):
        yield f"{_named(connection, Link(*row))} has no entry in the chain: not the arena stored it"


class _Check:
    """Where a check of the chain is: the entry before, and entries that another key made."""

    def __init__(self, key: ChainKey | None) -> None:
        self._key = key
        self._number = 0
        self._digest = b""
        self._other: dict[str, tuple[int, int]] = {}

    def faults(self, connection: Connection, entries: Sequence[Any]) -> Iterator[str]:
        links = [Link(entry.vote_id, entry.revision) for entry in entries]
        found = contents(connection, links)
        for entry, link in zip(entries, links, strict=True):
            yield from self._of_entry(connection, entry, link, found.get(link))
            self._number, self._digest = entry.number, entry.digest

    def _of_entry(
        self, connection: Connection, entry: Any, link: Link, content: bytes | None
    ) -> Iterator[str]:
        whole = entry.number == self._number + 1
        if not whole:
            yield _gap(self._number + 1, entry.number - 1)
        if content is None:
            yield f"{_words(link)} was removed: entry {entry.number} of the chain is about it"
        elif self._key is None or entry.key != self._key.name:
            first, _ = self._other.get(entry.key, (entry.number, entry.number))
            self._other[entry.key] = first, entry.number
        elif whole and entry.digest != digest(self._key.secret, self._digest, content):
            yield f"{_named(connection, link)} is not what was stored: {_changed(link)}"

    def of_other_keys(self) -> Iterator[str]:
        for name, (first, last) in self._other.items():
            yield (
                f"entries {first} to {last} of the chain were made with the key {name} "
                "that is not here: put the file chain-key back beside the database"
            )


def _gap(first: int, last: int) -> str:
    entries = f"entry {first}" if first == last else f"each of the entries {first} to {last}"
    return f"{entries} of the chain was removed, and what it was about cannot be told"


def _changed(link: Link) -> str:
    if link.revision:
        return "its verdict, ballot, author, time or reason were changed"
    return "its verdict, ballot, sides, annotator, time, prompts or answers were changed"


def _words(link: Link) -> str:
    vote = f"vote {link.vote_id}"
    return f"revision {link.revision} of {vote}" if link.revision else vote


def _named(connection: Connection, link: Link) -> str:
    """Return the words for a vote with its battle, by which pages and exports know it."""
    query = text("SELECT battle_id FROM votes WHERE id = :id")
    battle = connection.execute(query, {"id": link.vote_id}).scalar_one_or_none()
    return f"{_words(link)} (battle {battle})" if battle else _words(link)
