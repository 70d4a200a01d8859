"""Limits of open files of the process, and how connections share them."""

import sys
from dataclasses import dataclass

_WANTED = 16_384
_MOST_OF_AN_ADDRESS = 1000


def raise_open_files() -> None:
    """Raise the soft limit as far as the hard one lets, and to no more than can be of use.

    Most shells set it to 1,024, which a page and its visitors use up.
    """
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if _counted(soft) < _counted(hard):
            resource.setrlimit(resource.RLIMIT_NOFILE, (_counted(hard), hard))


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What follows from `files`, the number of files that may be open."""

    files: int

    @property
    def connections(self) -> int:
        """Of more, requests get a 503. Half of the files stay for idle ones, database, engines."""
        return self.files // 2

    @property
    def idle(self) -> int:
        """Of connections without a request; of more, those idle longest are closed."""
        return self.files // 4

    @property
    def requests_of_an_address(self) -> int:
        """Open at once. An open page has two, a loading one six."""
        return min(_MOST_OF_AN_ADDRESS, self.connections // 4)


def connection_limits() -> ConnectionLimits:
    """Return what this process may have open at the moment."""
    if sys.platform == "win32":  # which has no such limit
        return ConnectionLimits(_WANTED)
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return ConnectionLimits(_counted(soft))


def _counted(files: int) -> int:
    """Return a limit as it counts here; without one it is negative."""
    return _WANTED if files < 0 else min(files, _WANTED)
