"""Where an arena keeps its files where nothing says so: in its own folder, or in the user's.

A folder with a `models.yaml` or with votes is an arena's own. Anywhere else, as after an
installation by uv or pipx, files go where programs of this user keep theirs.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

MODELS: Final = Path("models.yaml")
DATABASE: Final = Path("db", "arena.sqlite3")

_NAME: Final = "arena"


@dataclass(frozen=True, slots=True)
class Places:
    """The catalog and the database of an arena; `arena.yaml` is beside the catalog."""

    models: Path
    database: Path

    @property
    def database_url(self) -> str:
        """The database as an address."""
        return f"sqlite:///{self.database}"


OWN: Final = Places(MODELS, DATABASE)
"""In the folder where a command runs."""


def users_places() -> Places:
    """Return those in the folders that this system has for a user's settings and data."""
    from platformdirs import PlatformDirs  # late: few commands need it

    folders = PlatformDirs(_NAME, appauthor=False)
    return Places(folders.user_config_path / MODELS, folders.user_data_path / DATABASE.name)


def places_in(folder: Path, users: Places | None = None) -> Places:
    """Return the places for a command that runs in `folder`."""
    if (folder / MODELS).exists() or (folder / DATABASE).exists():
        return OWN
    return users or users_places()
