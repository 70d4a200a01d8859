"""The page of one snapshot: how to cite it, how to check it, and its numbers."""

from typing import Final

from markupsafe import Markup

from arena.services.board.snapshots.reading import BoardSnapshot
from arena.services.board.snapshots.tables import snapshot_tables
from arena.web.common.markup import joined
from arena.web.common.texts import link_to
from arena.web.leaderboard.parts.numbers import amount, count
from arena.web.leaderboard.parts.scope import day_words
from arena.web.leaderboard.parts.snapshots import PLACE, scope_words
from arena.web.leaderboard.parts.value_tables import Words, value_panel
from arena.web.leaderboard.query import BoardQuery, Tab
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import Texts

_OPEN: Final = "snapshot"


def snapshot_title(number: int, texts: Texts) -> str:
    """Return the heading of the page."""
    return texts["leaderboard.snapshots.title"].format(number=number)


def snapshot_body(snapshot: BoardSnapshot, texts: Texts) -> Markup:
    """Return the whole page below its heading."""
    head = snapshot.head
    about = rendered(
        "snapshot",
        scope=scope_words(head, texts),
        citation=_citation(snapshot, texts),
        facts=_facts(snapshot, texts),
        file=link_to(texts, f"{PLACE}/{head.number}.json"),
        file_name=file_name(head.number),
        board=link_to(texts, f"/leaderboard{BoardQuery(filter=snapshot.board_filter).address}"),
        all=link_to(texts, f"/leaderboard{BoardQuery(tab=Tab.TIME).address}"),
        texts=texts,
    )
    words = Words(texts, snapshot.names)
    return about + joined(
        value_panel(words, one, open_at_once=one.name == _OPEN) for one in snapshot_tables(snapshot)
    )


def file_name(number: int) -> str:
    """Return the name under which the file of a snapshot is saved."""
    return f"snapshot-{number}.json"


def _citation(snapshot: BoardSnapshot, texts: Texts) -> str:
    head = snapshot.head
    return texts["leaderboard.snapshots.citation"].format(
        title=texts["leaderboard.title"],
        number=head.number,
        day=head.at.date().isoformat(),
        votes=amount("votes", head.votes, texts),
        models=amount("models", head.models, texts),
        fingerprint=head.fingerprint,
    )


def _facts(snapshot: BoardSnapshot, texts: Texts) -> dict[str, str]:
    """Return what is known of the snapshot, by the name of its sentence."""
    header, head = snapshot.header, snapshot.head
    revision = header["last_revision"]
    facts = {
        "frozen": texts["leaderboard.snapshots.frozen"].format(
            day=day_words(head.at, texts), time=f"{head.at:%H:%M}"
        ),
        "last_vote": texts["leaderboard.snapshots.last_vote"].format(
            vote=count(header["last_vote"] or 0), day=(header["last_vote_at"] or "…")[:10]
        ),
        "last_revision": texts["leaderboard.snapshots.revision"].format(**revision)
        if revision
        else texts["leaderboard.snapshots.no_revision"],
        "chain_head": header["chain_head"] or "",
        "version": header["arena"],
    }
    return {name: fact for name, fact in facts.items() if fact}
