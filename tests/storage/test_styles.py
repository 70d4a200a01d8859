"""Styles are counted once, for every reply whose text is known, and stand beside comparisons."""

from pathlib import Path

import numpy as np
from sqlalchemy import select, text

from arena.domain.board import BoardFilter
from arena.domain.reply import FlagKind, ReplyEnd
from arena.domain.style import StyleFeature, style_of
from arena.storage.columns import outcome_columns
from arena.storage.database import Database
from arena.storage.migrate import migrate
from arena.storage.models import ensure_snapshot
from arena.storage.replies import NewReply, insert_reply, show_reply
from arena.storage.schema import replies, reply_styles
from arena.storage.style_columns import NOT_KNOWN, style_columns
from tests.builders import NOON, seed_vote, snapshot
from tests.storage.old_ledgers import oldest_ledger
from tests.storage.test_items import vote_without_replies

ALL = BoardFilter(include_flagged=True)
LENGTH = StyleFeature.CHARACTERS


def _stored(database: Database) -> dict[str, dict[str, int]]:
    query = select(replies.c.text, *(reply_styles.c[one.value] for one in StyleFeature)).join(
        reply_styles, reply_styles.c.reply_id == replies.c.id
    )
    with database.reading() as connection:
        return {
            row.text: dict(zip(StyleFeature, row[1:], strict=True))
            for row in connection.execute(query)
        }


def _reply(database: Database, words: str) -> int:
    with database.writing() as connection:
        model = ensure_snapshot(connection, snapshot("alpha"), NOON)
        reply = NewReply(model, "told", words, ReplyEnd.STOP)
        return insert_reply(connection, reply, NOON)


def test_a_reply_is_counted_when_it_is_stored(database: Database) -> None:
    _reply(database, "# Plan\n- **one**\n- two ✅")
    _reply(database, "")

    assert _stored(database) == {
        words: style_of(words) for words in ["# Plan\n- **one**\n- two ✅"]
    }


def test_replies_of_an_older_database_are_counted(tmp_path: Path) -> None:
    old = oldest_ledger(tmp_path)
    migrate(old)

    assert _stored(old) == {words: style_of(words) for words in ("So", "Because")}
    old.close()


def test_what_is_missing_is_counted_after_an_upgrade(database: Database) -> None:
    _reply(database, "Some words")
    with database.writing() as connection:
        connection.execute(text("DELETE FROM reply_styles"))
        connection.execute(text("DROP VIEW comparisons"))

    migrate(database)

    assert list(_stored(database)) == ["Some words"]


def test_a_side_has_the_counts_of_all_its_turns(database: Database) -> None:
    seed_vote(database, prompts=("Why?", "How?"))

    found = _lengths(database)

    each = [len(f"Reply {turn} of {key}") for key in ("alpha", "beta") for turn in (1, 2)]
    assert found == [[sum(each[:2])], [sum(each[2:])]]


def test_of_several_attempts_the_newest_counts(database: Database) -> None:
    seeded = seed_vote(database)
    longer = _reply(database, "A much longer reply than the first attempt")
    with database.writing() as connection:
        show_reply(connection, seeded.battle_id, turn=1, position=0, reply_id=longer)

    assert _lengths(database)[0] == [len("A much longer reply than the first attempt")]


def test_rows_stand_beside_their_outcomes(database: Database) -> None:
    seed_vote(database, models=("alpha", "beta"))
    vote_without_replies(database, "battle", ["Why?"])
    seed_vote(database, reply_flags={0: (FlagKind.TRUNCATED,)})
    seed_vote(database, None, models=("c", "bb", "aaa"), ranks=(1, 2, 3))

    earlier, later = _lengths(database)
    reply = len("Reply 1 of ")
    sizes = [5, None, 5, 1, 1, 2], [4, None, 4, 2, 3, 3]
    for found, names in zip((earlier, later), sizes, strict=True):
        assert found == [NOT_KNOWN if size is None else reply + size for size in names]
    assert _rows(database, ALL) == 6
    assert _rows(database, BoardFilter()) == 5
    with database.reading() as connection:
        unflagged = style_columns(connection, BoardFilter())[LENGTH].earlier
    assert unflagged.tolist() == [earlier[row] for row in (0, 1, 3, 4, 5)]


def test_an_empty_board_has_no_styles(database: Database) -> None:
    assert _lengths(database) == [[], []]


def _rows(database: Database, chosen: BoardFilter) -> int:
    with database.reading() as connection:
        return len(outcome_columns(connection, chosen).verdict)


def _lengths(database: Database) -> list[list[int]]:
    with database.reading() as connection:
        found = style_columns(connection, ALL)[LENGTH]
    assert all(isinstance(side, np.ndarray) for side in (found.earlier, found.later))
    return [found.earlier.tolist(), found.later.tolist()]
