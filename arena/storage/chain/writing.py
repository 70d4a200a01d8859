"""Adds votes and revisions to the chain, in the transaction that stores them."""

import hmac
import logging
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from arena.storage.chain.contents import AT_ONCE, Link, contents
from arena.storage.key_files import KeyFile
from arena.storage.schema import vote_chain, vote_revisions, votes

logger = logging.getLogger(__name__)

_of = vote_chain.c
_NEWEST = select(_of.number, _of.key, _of.digest).order_by(_of.number.desc()).limit(1)
_ENTRY = insert(vote_chain)


def digest(key: bytes, before: bytes, content: bytes) -> bytes:
    """Return the digest of an entry: HMAC-SHA256 over that of the entry before and the content.

    `before` is empty for the first entry.
    """
    return hmac.digest(key, before + content, "sha256")


def chain(connection: Connection, links: Sequence[Link]) -> None:
    """Add entries for votes and revisions that this transaction has stored, in this order.

    Raises:
        OSError: The key cannot be read or made.
        LookupError: One of them is not stored, or the connection is none that `Database` writes by.
    """
    key: KeyFile = connection.get_execution_options()["arena_chain_key"]
    newest = connection.execute(_NEWEST).one_or_none()
    number, before = (newest.number, newest.digest) if newest else (0, b"")
    if newest and newest.key != key.name:
        logger.warning(
            "the chain of votes goes on with another key than before, %s: if %s was lost, put it "
            "back from a backup",
            key.name,
            key.path,
        )
    for start in range(0, len(links), AT_ONCE):
        some = links[start : start + AT_ONCE]
        found = contents(connection, some)
        entries = []
        for link in some:
            number, before = number + 1, digest(key.secret, before, found[link])
            entries.append({"number": number, **link._asdict(), "key": key.name, "digest": before})
        connection.execute(_ENTRY, entries)


def chain_votes(connection: Connection, ids: Sequence[int]) -> None:
    """Add entries for new votes. Raises as `chain` does."""
    chain(connection, [Link(vote_id, 0) for vote_id in ids])


def chain_everything(connection: Connection) -> None:
    """Add entries for all votes and revisions of a database that has no chain yet.

    About a minute for a million votes. Raises as `chain` does.
    """
    cast = connection.execute(select(votes.c.id).order_by(votes.c.id)).scalars().all()
    chain_votes(connection, cast)
    of = vote_revisions.c
    revised = select(of.vote_id, of.revision).order_by(of.at, of.vote_id, of.revision)
    chain(connection, [Link(*row) for row in connection.execute(revised)])
