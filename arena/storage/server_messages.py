"""What an error of a server says, without values of rows: its text goes to the log."""

import re
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import StatementError

_CLASS_OF_DATA = "22"
_QUOTED = re.compile(r'"[^"]*"')
_LEFT_OUT = '"…"'


def leave_out_values(engine: Engine) -> None:
    """Cut all errors of an engine down to their first line, before anybody sees them.

    What the server adds quotes rows: the key that exists already, the row that fails a check, the
    parameters of a statement.
    """
    event.listen(engine, "handle_error", _shorten)


def _shorten(context: Any) -> None:
    cause = context.original_exception
    said = getattr(getattr(cause, "diag", None), "message_primary", None)
    if said is None:  # an error of the driver's own
        return
    if cause.sqlstate.startswith(_CLASS_OF_DATA):  # the first line quotes what is no number
        said = _QUOTED.sub(_LEFT_OUT, said)
    before, cause.args = str(cause), (said,)
    wrapped = context.sqlalchemy_exception
    if isinstance(wrapped, StatementError):
        wrapped.args = (str(wrapped.args[0]).replace(before, said),)
