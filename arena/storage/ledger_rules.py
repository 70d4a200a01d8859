"""Rules of the ledger that every stored vote must meet, asked of all of them at once."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from arena.storage.boards.snapshots import snapshot_faults
from arena.storage.objects import differing_objects
from arena.storage.references import broken_references


@dataclass(frozen=True, slots=True)
class _Rule:
    """A query for what breaks a rule, and the sentence that its columns fill."""

    query: str
    sentence: str


_RULES = (
    _Rule(
        "SELECT battles.id FROM battles LEFT JOIN votes ON votes.battle_id = battles.id"
        " WHERE battles.state = 'voted' AND votes.id IS NULL",
        "the vote of battle {0} was removed: the battle was voted on",
    ),
    _Rule(
        "SELECT votes.id, votes.battle_id FROM votes"
        " LEFT JOIN battles ON battles.id = votes.battle_id"
        " WHERE battles.state IS NULL OR battles.state <> 'voted'",
        "vote {0} is of battle {1}, which was not voted on",
    ),
    _Rule(
        "SELECT votes.id, votes.battle_id FROM votes"
        " JOIN battles ON battles.id = votes.battle_id"
        " WHERE battles.annotator_id <> votes.annotator_id",
        "vote {0} is of battle {1}, which belongs to another annotator",
    ),
    _Rule(
        "SELECT votes.id, votes.battle_id FROM votes WHERE (votes.verdict IS NULL) <>"
        " EXISTS (SELECT 1 FROM vote_rankings WHERE vote_id = votes.id)",
        "vote {0} (battle {1}) needs a verdict or a ranking, and has both or none",
    ),
    _Rule(
        "SELECT votes.id, votes.battle_id FROM votes WHERE votes.verdict IS NULL AND"
        " (SELECT count(*) FROM vote_rankings WHERE vote_id = votes.id) <>"
        " (SELECT count(*) FROM slots WHERE slots.battle_id = votes.battle_id)",
        "vote {0} (battle {1}) ranks other slots than its battle has",
    ),
    _Rule(
        "SELECT votes.id, votes.battle_id FROM votes WHERE"
        " (SELECT count(*) FROM slots WHERE slots.battle_id = votes.battle_id) < 2",
        "vote {0} is of battle {1}, which has fewer than two sides",
    ),
    _Rule(
        "SELECT vote_id FROM vote_revisions GROUP BY vote_id HAVING max(revision) <> count(*)",
        "a revision of vote {0} was removed",
    ),
)

_RECOUNT = """
SELECT vote_id FROM (SELECT * FROM outcomes EXCEPT SELECT * FROM recounted_outcomes) AS counted
UNION
SELECT vote_id FROM (SELECT * FROM recounted_outcomes EXCEPT SELECT * FROM outcomes) AS due
ORDER BY vote_id
"""


def rule_faults(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each row that no rule of the ledger would have let in."""
    differing = differing_objects(connection)
    if differing:
        yield f"views or triggers, which hold the rules, differ: {', '.join(differing)}"
    for broken in broken_references(connection):
        yield (
            f"row {broken.row} of {broken.table} refers to a row of {broken.parent} that is not "
            "there"
        )
    for rule in _RULES:
        for row in connection.execute(text(rule.query)):
            yield rule.sentence.format(*row)
    yield from snapshot_faults(connection)


def count_faults(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each vote that boards count other than the ledger says."""
    if "recounted_outcomes" in differing_objects(connection):
        return
    for (vote_id,) in connection.execute(text(_RECOUNT)):
        yield f"vote {vote_id} is counted other than the ledger says"
