"""Sign-in by password, rate-limited against guessing."""

import asyncio
import logging
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from starlette.concurrency import run_in_threadpool

from arena.domain.accounts import Caller
from arena.domain.errors import NotAllowed, Refusal, Unavailable
from arena.services.accounts import Accounts, NewSession
from arena.web.http.rate_limit import RateLimit

logger = logging.getLogger(__name__)

_PER_ADDRESS = "10/minute;30/hour;100/day"
_PER_NAME = "100/hour"
_AT_ONCE = 2
_MOST_WAITING = 20
_SHORT_WAIT_S = 5
_LOGGED = 40
_NICER = 10
_NICEST = 19


class SignIns:
    """Sign-in by password, with at most two checks at once in threads of their own.

    A check takes 64 MiB and every core there is; no page shall wait for it. Wrong passwords are
    counted by address and, wherever they come from, by name; the wait grows from a minute to an
    hour and a day. A right password resets both counts, and from then on guesses from elsewhere do
    not lock out whoever signs in from that address.
    """

    def __init__(
        self, accounts: Accounts, *, per_address: str = _PER_ADDRESS, per_name: str = _PER_NAME
    ) -> None:
        self._accounts = accounts
        self._addresses = RateLimit(per_address)
        self._names = RateLimit(per_name)
        self._told = RateLimit("1/minute")
        self._known: set[tuple[str, str]] = set()
        self._checking = ThreadPoolExecutor(
            _AT_ONCE, thread_name_prefix="passwords", initializer=_step_back
        )
        self._waiting = 0

    async def sign_in(self, name: str, password: str, address: str) -> NewSession:
        """Create a session.

        Raises as `check` does.
        """
        caller = await self.check(name, password, address)
        return await run_in_threadpool(self._accounts.open_session, caller, address)

    async def check(self, name: str, password: str, address: str) -> Caller:
        """Return the account of a name and password.

        Raises `NotAllowed(WRONG_PASSWORD)`, and `Unavailable(TOO_MANY_SIGN_INS)` with `seconds`
        without looking at the password.
        """
        self._admit(name, address)
        try:
            caller = await self._checked(name, password)
        except NotAllowed:
            logger.warning("wrong password for %r from %s", name[:_LOGGED], address)
            raise
        self._addresses.forget(address)
        self._names.forget(name)
        self._known.add((name, address))
        return caller

    def _admit(self, name: str, address: str) -> None:
        """Count beforehand, or many at once would all be let in."""
        if self._waiting >= _MOST_WAITING:
            raise Unavailable(Refusal.TOO_MANY_SIGN_INS, seconds=_SHORT_WAIT_S)
        of_name_s = 0 if (name, address) in self._known else self._names.wait_s(name)
        wait_s = of_name_s or self._addresses.take(address)
        if not wait_s:
            self._names.take(name)
            return
        if not self._told.take(address):
            logger.warning(
                "sign-in as %r from %s refused for %d s: too many wrong passwords",
                name[:_LOGGED],
                address,
                wait_s,
            )
        raise Unavailable(Refusal.TOO_MANY_SIGN_INS, seconds=wait_s)

    async def _checked(self, name: str, password: str) -> Caller:
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            return await loop.run_in_executor(
                self._checking, self._accounts.checked, name, password
            )
        finally:
            self._waiting -= 1


def _step_back() -> None:
    """Lower the priority of the thread, and of those that argon2 starts in it."""
    if sys.platform == "linux":
        me = threading.get_native_id()
        nice = os.getpriority(os.PRIO_PROCESS, me) + _NICER
        os.setpriority(os.PRIO_PROCESS, me, min(nice, _NICEST))
