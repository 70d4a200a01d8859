"""How annotators with a name sign in: their passwords, and the sessions that are open."""

from collections.abc import Sequence

from pwdlib import PasswordHash

from arena.domain.clock import Clock
from arena.domain.passwords import require_own
from arena.services.accounts import ADMIN_NAME
from arena.services.people import enabled_people, known_people
from arena.storage.accounts import credentials_of, revoke_sessions_of, set_password
from arena.storage.database import Database
from arena.storage.people import people
from arena.storage.sessions import SessionRecord, end_session, open_sessions


class SigningIn:
    """Passwords and sessions of annotators, as operators change them. Blocking.

    A session that is ended here opens nothing any more; a server that runs beside this process
    notices within two seconds. `passwords` as in `Accounts`.
    """

    def __init__(
        self, database: Database, clock: Clock, *, passwords: PasswordHash | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords or PasswordHash.recommended()

    def set_password(self, name: str, password: str) -> None:
        """Let an annotator sign in by this password; open sessions end.

        Raises:
            BadInput: It is under 8 characters, or among those that everybody tries first.
            PersonRefused: The annotator is unknown or disabled.
        """
        require_own(password)
        hashed = self._passwords.hash(password)
        with self._database.writing() as connection:
            now = self._clock.now()
            ((_, person),) = enabled_people(connection, [name], now)
            set_password(connection, person.id, hashed)
            revoke_sessions_of(connection, person.id, now)

    def sessions(self, names: Sequence[str] = ()) -> list[SessionRecord]:
        """Return open sessions by name, the newest first.

        Without names, of all who sign in under one, the admin among them. Raises `PersonRefused`
        for names of no annotator.
        """
        with self._database.reading() as connection:
            now = self._clock.now()
            if names:
                found = [person.id for _, person in known_people(connection, names, now)]
            else:
                found = [person.id for person in people(connection, (), now)]
                admin = credentials_of(connection, ADMIN_NAME)
                found += [admin.caller.id] if admin else []
            return open_sessions(connection, found, now)

    def sign_out(self, names: Sequence[str]) -> int:
        """End all sessions of annotators and return how many; links and passwords go on.

        Raises `PersonRefused` for unknown names.
        """
        with self._database.writing() as connection:
            now = self._clock.now()
            found = [person.id for _, person in known_people(connection, names, now)]
            ended = len(open_sessions(connection, found, now))
            for account in found:
                revoke_sessions_of(connection, account, now)
            return ended

    def end_session(self, name: str, number: str) -> bool:
        """End one session of an annotator; return whether it was open.

        Raises `PersonRefused` for an unknown name.
        """
        with self._database.writing() as connection:
            now = self._clock.now()
            ((_, person),) = known_people(connection, [name], now)
            return end_session(connection, person.id, number, now)
