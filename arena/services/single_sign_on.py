"""People whom a proxy in front has signed in: the account of their name, made if there is none."""

from arena.domain.accounts import AccountRole, Caller
from arena.domain.clock import Clock
from arena.domain.errors import NotAllowed, Refusal
from arena.services.accounts import Accounts, NewSession
from arena.services.people import name_fault
from arena.storage.accounts import insert_annotator
from arena.storage.database import Connection, Database
from arena.storage.people import people


class SingleSignOn:
    """Annotators by the name that a proxy gives them. Blocking.

    Who has that name at the proxy is who was invited by it, or named in a campaign. Nobody becomes
    an admin this way.
    """

    def __init__(self, database: Database, clock: Clock, accounts: Accounts) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts

    def session(self, name: str, address: str = "") -> NewSession:
        """Open a session for who is called so; `address` as in `Accounts`.

        Raises `NotAllowed` for a name that nobody can have, and for a closed account.
        """
        if name_fault(name) is not None:
            raise NotAllowed(Refusal.NOT_ALLOWED)
        with self._database.writing() as connection:
            caller = self._account(connection, name)
        return self._accounts.open_session(caller, address)

    def _account(self, connection: Connection, name: str) -> Caller:
        now = self._clock.now()
        for known in people(connection, (name,), now):
            if known.disabled_at is not None:
                raise NotAllowed(Refusal.NOT_ALLOWED)
            return Caller(known.id, known.name, AccountRole.ANNOTATOR)
        role = AccountRole.ANNOTATOR
        number = insert_annotator(connection, name=name, role=role, created_at=now)
        return Caller(number, name, role)
