"""What people change of their own account: the password, and where they are signed in.

Their sessions are told apart by when they were opened; nothing else of them is stored.
"""

from dataclasses import dataclass
from datetime import datetime

from pwdlib import PasswordHash

from arena.domain.accounts import Caller
from arena.domain.clock import Clock
from arena.domain.errors import NotAllowed, Refusal
from arena.domain.passwords import require_own
from arena.services.accounts import Accounts, token_hash
from arena.storage.accounts import credentials_of, set_password
from arena.storage.database import Database
from arena.storage.sessions import end_other_sessions, number_of, open_sessions


@dataclass(frozen=True, slots=True)
class OwnSession:
    """Where somebody is signed in; `here` is the session that asks."""

    opened_at: datetime
    expires_at: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class OwnView:
    """An account as its owner sees it."""

    name: str
    has_password: bool
    sessions: tuple[OwnSession, ...]


class OwnAccount:
    """One's own account. Blocking.

    Every method raises `NotAllowed` for nobody, and for who has no name of their own: guests and
    people of a crowd. `passwords` as in `Accounts`.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        accounts: Accounts,
        *,
        passwords: PasswordHash | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._passwords = passwords or PasswordHash.recommended()

    def view(self, caller: Caller | None, token: str) -> OwnView:
        """Return the account, with its sessions, the newest first; `token` is of the one here."""
        owner = require_named(caller)
        with self._database.reading() as connection:
            credentials = credentials_of(connection, owner.name)
            found = open_sessions(connection, [owner.id], self._clock.now())
        here = number_of(token_hash(token))
        return OwnView(
            owner.name,
            credentials is not None and credentials.password_hash is not None,
            tuple(OwnSession(one.created_at, one.expires_at, one.number == here) for one in found),
        )

    def set_password(self, caller: Caller | None, token: str, password: str) -> None:
        """Replace the password, whose knowledge was checked; other sessions end.

        The admin's comes from the settings or a command. Raises `BadInput` for a password that is
        too short or among those that everybody tries first.
        """
        owner = require_named(caller)
        if owner.is_admin:
            raise NotAllowed(Refusal.NOT_ALLOWED)
        require_own(password)
        hashed = self._passwords.hash(password)
        with self._database.writing() as connection:
            set_password(connection, owner.id, hashed)
            end_other_sessions(connection, owner.id, token_hash(token), self._clock.now())
        self._accounts.forget_known()

    def end_others(self, caller: Caller | None, token: str) -> None:
        """End all sessions of the account but the one of this token."""
        owner = require_named(caller)
        with self._database.writing() as connection:
            end_other_sessions(connection, owner.id, token_hash(token), self._clock.now())
        self._accounts.forget_known()


def require_named(caller: Caller | None) -> Caller:
    """Return the caller if somebody signs in under their name; raise `NotAllowed` otherwise."""
    if caller is None:
        raise NotAllowed(Refusal.NOT_SIGNED_IN)
    if not caller.is_named:
        raise NotAllowed(Refusal.NOT_ALLOWED)
    return caller
