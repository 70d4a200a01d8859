"""The document of a leaderboard: header, filters and the board as far as it is known at once."""

from markupsafe import Markup

from arena.domain.errors import NotAllowed
from arena.web.common.markup import NOTHING, header
from arena.web.common.static_files import static_address
from arena.web.leaderboard.frames import Asked, Frame
from arena.web.leaderboard.parts.filters import filter_form
from arena.web.leaderboard.reader import BoardReader
from arena.web.leaderboard.rendering import rendered


def document(
    asked: Asked,
    frame: Frame,
    *,
    filters: Markup,
    sign_out: str,
    language: str,
    judges: bool = False,
    title: str = "",
) -> str:
    """Return the whole page; `sign_out` is the token without which its form ends no session.

    `judges` is whether the header leads to the evaluation page; `title` stands in place of that of
    the leaderboard.
    """
    return rendered(
        "page",
        texts=asked.texts,
        title=title or asked.texts["leaderboard.title"],
        language=language,
        styles=[static_address("header.css"), static_address("leaderboard.css")],
        script=static_address("leaderboard.js"),
        header=header(
            asked.texts,
            here="leaderboard",
            caller=asked.caller,
            sign_out=sign_out,
            judges=judges,
        ),
        filters=filters,
        head=frame.head,
        board=frame.html,
        complete=frame.complete,
    )


def filters_for(reader: BoardReader, asked: Asked) -> Markup:
    """Return the form, or nothing for who may not read boards. Blocking.

    Choices come from the board of all votes, or what was chosen could not be undone.
    """
    try:
        board = reader.leaderboards.board(asked.caller)
        choices = reader.leaderboards.choices(asked.caller)
    except NotAllowed:
        return NOTHING
    if not board.names:
        return NOTHING
    suspects = board.suspect_votes.comparisons > 0
    admin = asked.caller is not None and asked.caller.is_admin
    return filter_form(
        asked.query, choices, board.names, asked.texts, suspects=suspects, admin=admin
    )
