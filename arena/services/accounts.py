"""Accounts, passwords and sessions."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pwdlib import PasswordHash

from arena.domain.accounts import GUEST, AccountRole, Caller
from arena.domain.clock import Clock
from arena.domain.errors import NotAllowed, Refusal
from arena.domain.passwords import require_length
from arena.services.board.suspicious_addresses import AddressHashes
from arena.storage.accounts import (
    caller_of_session,
    credentials_of,
    insert_annotator,
    insert_session,
    revoke_session,
    revoke_sessions_of,
    set_password,
)
from arena.storage.addresses import address_number
from arena.storage.database import Connection, Database

ADMIN_NAME = "admin"
_KNOWN_FOR_S = 2.0
_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just opened. `token` goes into the cookie; only its hash is stored."""

    token: str
    caller: Caller


class Accounts:
    """Accounts and their sessions. Blocking: callers keep it off the event loop.

    With `hashes` a session remembers from which network address it was opened. `passwords` hashes
    with Argon2id at pwdlib's recommended cost unless another is given.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        session_length: timedelta,
        hashes: AddressHashes | None = None,
        passwords: PasswordHash | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._session_length = session_length
        self._hashes = hashes
        self._passwords = passwords or PasswordHash.recommended()
        self._known: dict[str, tuple[Caller, float]] = {}
        self._nobody = self._passwords.hash(secrets.token_hex(16))

    @property
    def session_seconds(self) -> int:
        """How long a session lasts."""
        return int(self._session_length.total_seconds())

    def open_guest_session(self, address: str = "") -> NewSession:
        """Create an anonymous annotator with a session; the name is random and says nothing.

        `address` is what `client_address` says; it is stored as a keyed hash alone.
        """
        with self._database.writing() as connection:
            name = f"{GUEST}{secrets.token_hex(6)}"
            annotator_id = insert_annotator(
                connection, name=name, role=AccountRole.ANNOTATOR, created_at=self._clock.now()
            )
        return self.open_session(Caller(annotator_id, name, AccountRole.ANNOTATOR), address)

    def log_in(self, name: str, password: str, address: str = "") -> NewSession:
        """Open a session by password; takes as long for unknown names as for wrong passwords.

        `address` as for guests. Raises `NotAllowed(WRONG_PASSWORD)`.
        """
        return self.open_session(self.checked(name, password), address)

    def checked(self, name: str, password: str) -> Caller:
        """Return the account of a name and password: nearly all of the time that `log_in` takes."""
        with self._database.reading() as connection:
            found = credentials_of(connection, name)
        known = found.password_hash if found and found.password_hash else self._nobody
        matches = self._passwords.verify(password, known)
        if not matches or found is None or found.password_hash is None:
            raise NotAllowed(Refusal.WRONG_PASSWORD)
        return found.caller

    def log_out(self, token: str) -> None:
        """End a session; an unknown token is ignored."""
        with self._database.writing() as connection:
            revoke_session(connection, token_hash(token), self._clock.now())
        self._known.pop(token_hash(token), None)

    def caller(self, token: str | None) -> Caller | None:
        """Return the account of a session token, or None.

        Known for two seconds without asking the database, since a page asks many times a
        second; a session that ends in this process is forgotten at once.
        """
        if not token:
            return None
        known = self.known(token)
        if known is not None:
            return known
        hashed = token_hash(token)
        with self._database.reading() as connection:
            found = caller_of_session(connection, hashed, self._clock.now())
        if found is not None:
            self._remember(hashed, found)
        return found

    def known(self, token: str) -> Caller | None:
        """Return the account of a token if it was looked up within seconds; never blocks."""
        caller, until = self._known.get(token_hash(token), (None, 0.0))
        return caller if self._clock.monotonic() < until else None

    def forget_known(self) -> None:
        """Ask the database again for every session: some have ended in this process."""
        self._known.clear()

    def _remember(self, hashed: str, caller: Caller) -> None:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[hashed] = (caller, self._clock.monotonic() + _KNOWN_FOR_S)

    def set_admin_password(self, password: str) -> None:
        """Give the admin account this password, making the account if needed.

        Every session of the admin ends. Raises `BadInput` for a password under 8 characters.
        """
        require_length(password)
        hashed = self._passwords.hash(password)
        with self._database.writing() as connection:
            found = credentials_of(connection, ADMIN_NAME)
            if found is None:
                insert_annotator(
                    connection,
                    name=ADMIN_NAME,
                    role=AccountRole.ADMIN,
                    created_at=self._clock.now(),
                    password_hash=hashed,
                )
                return
            set_password(connection, found.caller.id, hashed)
            revoke_sessions_of(connection, found.caller.id, self._clock.now())
        self._known.clear()

    def ensure_admin(self, password: str | None) -> str | None:
        """Make sure that the admin can log in.

        A given password becomes the admin's if it is not already. Without one, a missing admin
        gets a random password, which is returned this once.
        """
        with self._database.reading() as connection:
            found = credentials_of(connection, ADMIN_NAME)
        if password is not None:
            hashed = found.password_hash if found else None
            if hashed is None or not self._passwords.verify(password, hashed):
                self.set_admin_password(password)
            return None
        if found is not None:
            return None
        generated = secrets.token_urlsafe(12)
        self.set_admin_password(generated)
        return generated

    def open_session(self, caller: Caller, address: str = "") -> NewSession:
        """Create a session for an authenticated account; `address` as for guests."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        expires_at = now + self._session_length
        with self._database.writing() as connection:
            number = self._address_number(connection, address, expires_at)
            insert_session(
                connection,
                token_hash=token_hash(token),
                annotator_id=caller.id,
                created_at=now,
                expires_at=expires_at,
                address_id=number,
            )
        return NewSession(token, caller)

    def _address_number(
        self, connection: Connection, address: str, expires_at: datetime
    ) -> int | None:
        hashed = self._hashes.of(address) if self._hashes else None
        if hashed is None:
            return None
        return address_number(connection, hashed, now=self._clock.now(), expires_at=expires_at)


def token_hash(token: str) -> str:
    """Return what is stored of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()
