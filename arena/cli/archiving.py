"""What the commands on archives of campaigns share."""

import platform
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from arena import __version__
from arena.domain.localized import DEFAULT_LANGUAGE

if TYPE_CHECKING:
    from arena.services.campaigns.archive.figures import FigureOf

_COMPUTING = ("numpy", "scipy", "matplotlib")


def software() -> dict[str, str]:
    """Return the versions of what computes and draws a board."""
    return {
        "arena": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _COMPUTING},
    }


def figure_of() -> "FigureOf":
    """Return what makes the figures of an archive, with English words."""
    # Imported here: pages would slow the start of every command.
    from arena.web.common.texts import load_texts
    from arena.web.leaderboard.figures.archived import archived_figure

    return partial(archived_figure, load_texts().by_language[DEFAULT_LANGUAGE])
