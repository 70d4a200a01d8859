"""What is wrong with a database, in one sentence that says what to change."""

import errno
import sqlite3

from arena.storage.server_faults import server_explanation

_PRIMARY = 0xFF
"""An extended result code of SQLite holds the primary one in its last byte."""

_SENTENCES = {
    sqlite3.SQLITE_NOTADB: "{path} is no SQLite database: give the arena a file of its own",
    sqlite3.SQLITE_CORRUPT: (
        "{path} is damaged ({cause}): put a backup in its place; "
        "`sqlite3 {path} .recover` saves what can still be read"
    ),
    sqlite3.SQLITE_READONLY: (
        "{path} cannot be written: this user needs to write the file and its directory ({cause})"
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "{path} cannot be opened: this user needs to read and write the file and its directory"
    ),
    sqlite3.SQLITE_PERM: "{path}: this user has no right to use it",
    sqlite3.SQLITE_BUSY: (
        "{path} is locked by another program for longer than 10 seconds: end that program, or "
        "try again when it is done"
    ),
    sqlite3.SQLITE_FULL: "there is no room left for {path}: make room on its disk ({cause})",
    sqlite3.SQLITE_IOERR: "the disk of {path} fails ({cause}): look at its room and its health",
}


_ADVICE = {
    errno.EACCES: "this user needs to write the file and its directory",
    errno.EPERM: "this user needs to write the file and its directory",
    errno.EROFS: "mount it to be written, or choose another place with --database-url",
    errno.ENOSPC: "make room on its disk",
    errno.EDQUOT: "make room, or ask for more of it",
}


def explanation(error: BaseException, place: object) -> str:
    """Return the sentence for an error of a database; for an unknown one, its own message.

    `place` is the file, or what names a database on a server.
    """
    cause = getattr(error, "orig", None) or error
    words = " ".join(str(cause).split())
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int) and (code & _PRIMARY) in _SENTENCES:
        name = getattr(cause, "sqlite_errorname", "")
        return _SENTENCES[code & _PRIMARY].format(path=place, cause=f"{words}, {name}")
    if isinstance(cause, UnicodeDecodeError):  # of a message that quotes a damaged schema
        return _SENTENCES[sqlite3.SQLITE_CORRUPT].format(path=place, cause="its schema is no text")
    if isinstance(cause, OSError):
        advice = _ADVICE.get(cause.errno or 0)
        said = f"{cause.filename or place}: {cause.strerror or words}"
        return f"{said}: {advice}" if advice else said
    if type(cause).__module__.startswith("psycopg"):
        told = server_explanation(cause, place)
        if told is not None:
            return told
    return f"{type(error).__name__}: {words}"
