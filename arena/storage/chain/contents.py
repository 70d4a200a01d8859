"""What of a vote must never change, as bytes: the same in every database that holds it."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, text

from arena.storage.schema import UtcDateTime

AT_ONCE = 500
"""So many entries are looked up together."""


class Link(NamedTuple):
    """What an entry of the chain is about: a vote (revision 0), or a revision of one."""

    vote_id: int
    revision: int


_VOTES = text("""
SELECT votes.id, 0, votes.battle_id, votes.annotator_id, votes.verdict, votes.strength,
  votes.created_at AS at, battles.campaign_id, battles.purpose
FROM votes LEFT JOIN battles ON battles.id = votes.battle_id
WHERE votes.id IN :ids
""")

_OF_VOTES = text("""
WITH chosen AS (SELECT id, battle_id FROM votes WHERE id IN :ids)
SELECT chosen.id, 0, 'slot', slots.position, 0, 0, slots.model_key || ' ' || models.fingerprint
FROM chosen JOIN slots ON slots.battle_id = chosen.battle_id
LEFT JOIN models ON models.id = slots.model_id
UNION ALL
SELECT chosen.id, 0, 'prompt', turns.number, 0, 0, turns.prompt
FROM chosen JOIN turns ON turns.battle_id = chosen.battle_id
UNION ALL
SELECT chosen.id, 0, 'reply', shown.turn, shown.position, shown.attempt, replies.text
FROM chosen JOIN slot_replies shown ON shown.battle_id = chosen.battle_id
JOIN replies ON replies.id = shown.reply_id
UNION ALL
SELECT chosen.id, 0, 'rank', position, rank, 0, ''
FROM chosen JOIN vote_rankings ON vote_id = chosen.id
UNION ALL
SELECT chosen.id, 0, 'reason', position, 0, 0, reason
FROM chosen JOIN vote_reasons ON vote_id = chosen.id
UNION ALL
SELECT chosen.id, 0, 'score', position, score, 0, criterion
FROM chosen JOIN vote_scores ON vote_id = chosen.id
""")

_REVISIONS = text("""
SELECT vote_id, revision, who, verdict, strength, at, why FROM vote_revisions WHERE vote_id IN :ids
""")

_OF_REVISIONS = text("""
SELECT vote_id, revision, 'rank', position, rank, 0, '' FROM revision_rankings
WHERE vote_id IN :ids
UNION ALL
SELECT vote_id, revision, 'reason', position, 0, 0, reason FROM revision_reasons
WHERE vote_id IN :ids
UNION ALL
SELECT vote_id, revision, 'score', position, score, 0, criterion FROM revision_scores
WHERE vote_id IN :ids
""")

_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_HEADS = {
    kind: query.bindparams(_IDS).columns(at=UtcDateTime)
    for kind, query in {"vote": _VOTES, "revision": _REVISIONS}.items()
}
_DETAILS = {
    kind: query.bindparams(_IDS)
    for kind, query in {"vote": _OF_VOTES, "revision": _OF_REVISIONS}.items()
}


def contents(connection: Connection, links: Collection[Link]) -> dict[Link, bytes]:
    """Return the content of those of at most `AT_ONCE` links that are stored.

    Comments are not in it: they may be emptied. Texts are in it by their SHA-256.
    """
    found: dict[Link, bytes] = {}
    cast = sorted({link.vote_id for link in links if link.revision == 0})
    revised = sorted({link.vote_id for link in links if link.revision > 0})
    if cast:
        found |= _spelled(connection, "vote", cast)
    if revised:
        found |= _spelled(connection, "revision", revised)
    return found


def _spelled(connection: Connection, kind: str, ids: Sequence[int]) -> dict[Link, bytes]:
    asked = {"ids": ids}
    belonging: defaultdict[Link, list[list[Any]]] = defaultdict(list)
    for vote_id, revision, *place, told in connection.execute(_DETAILS[kind], asked):
        belonging[Link(vote_id, revision)].append([*place, _hash(told)])
    found = {}
    for row in connection.execute(_HEADS[kind], asked):
        link = Link(row[0], row[1])
        values = [value.isoformat() if hasattr(value, "isoformat") else value for value in row]
        said = [f"arena {kind} 1", *values, sorted(belonging[link])]
        found[link] = json.dumps(said, separators=(",", ":")).encode()
    return found


def _hash(told: str | None) -> str:
    return sha256((told or "").encode("utf-8", "surrogatepass")).hexdigest()
