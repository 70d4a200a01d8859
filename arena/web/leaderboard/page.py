"""The document of a leaderboard: header, filters and the board as far as it is known at once."""

from pathlib import Path
from zlib import crc32

from markupsafe import Markup

from arena.domain.errors import NotAllowed
from arena.web.common.markup import NOTHING, header
from arena.web.leaderboard.frames import Asked, Frame
from arena.web.leaderboard.parts.filters import filter_form
from arena.web.leaderboard.reader import BoardReader
from arena.web.leaderboard.rendering import rendered

_STATIC = Path(__file__).parents[1] / "static"


def document(asked: Asked, frame: Frame, *, filters: Markup, sign_out: str, language: str) -> str:
    """Return the whole page; `sign_out` is the token without which its form ends no session."""
    return rendered(
        "page",
        texts=asked.texts,
        language=language,
        styles=[_file("header.css"), _file("leaderboard.css")],
        script=_file("leaderboard.js"),
        header=header(asked.texts, here="leaderboard", caller=asked.caller, sign_out=sign_out),
        filters=filters,
        board=frame.html,
        complete=frame.complete,
    )


def filters_for(reader: BoardReader, asked: Asked) -> Markup:
    """Return the form, or nothing for who may not read boards. Blocking.

    Choices come from the board of all votes, or what was chosen could not be undone.
    """
    try:
        names = reader.leaderboards.board(asked.caller).names
        choices = reader.leaderboards.choices(asked.caller)
    except NotAllowed:
        return NOTHING
    return filter_form(asked.query, choices, names, asked.texts) if names else NOTHING


def _file(name: str) -> str:
    """Return the address of a file of ours, another one for other contents."""
    return f"/arena-static/{name}?{crc32((_STATIC / name).read_bytes()):08x}"
