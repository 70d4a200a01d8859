"""How many files and connections the process may have open, and how connections share them."""

from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows, which has no such limit
    resource = None  # type: ignore[assignment]

_WANTED = 16_384
_MOST_OF_AN_ADDRESS = 1000


def raise_open_files() -> None:
    """Raise the soft limit as far as the hard one lets, and to no more than can be of use.

    It is 1,024 in most shells, for programs of the last century.
    """
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


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
    """What this process may have at the moment."""
    if resource is None:
        return ConnectionLimits(_WANTED)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return ConnectionLimits(_WANTED if soft == resource.RLIM_INFINITY else min(soft, _WANTED))
