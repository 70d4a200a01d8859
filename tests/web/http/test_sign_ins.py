"""Sign-in: how often, how many at once, and what the log says."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from arena.domain.accounts import Caller
from arena.domain.errors import NotAllowed, Refusal, Unavailable
from arena.services.accounts import Accounts
from arena.storage.database import Database
from arena.web.http.sign_ins import SignIns
from tests.fakes.clock import VirtualClock
from tests.fakes.passwords import CHEAP_PASSWORDS

pytestmark = pytest.mark.anyio
RIGHT = "a right password"


@pytest.fixture
def accounts(database: Database) -> Accounts:
    found = Accounts(
        database,
        VirtualClock(),
        session_length=timedelta(hours=1),
        passwords=CHEAP_PASSWORDS,
    )
    found.set_admin_password(RIGHT)
    return found


async def outcome(sign_ins: SignIns, password: str, address: str = "a", name: str = "admin") -> str:
    try:
        session = await sign_ins.sign_in(name, password, address)
    except (NotAllowed, Unavailable) as error:
        return str(error.refusal)
    return session.caller.name


async def test_guesses_end_after_a_few_and_the_right_password_does_not_help(
    accounts: Accounts,
) -> None:
    sign_ins = SignIns(accounts, per_address="3/minute", per_name="100/hour")
    tried = [await outcome(sign_ins, f"guess {n}") for n in range(5)]
    assert tried == [Refusal.WRONG_PASSWORD] * 3 + [Refusal.TOO_MANY_SIGN_INS] * 2
    assert await outcome(sign_ins, RIGHT) == Refusal.TOO_MANY_SIGN_INS
    assert await outcome(sign_ins, RIGHT, address="another") == "admin"


async def test_a_right_password_forgets_the_wrong_ones_before_it(accounts: Accounts) -> None:
    sign_ins = SignIns(accounts, per_address="3/hour", per_name="4/hour")
    for _ in range(3):
        assert await outcome(sign_ins, "mistyped") == Refusal.WRONG_PASSWORD
        assert await outcome(sign_ins, RIGHT) == "admin"


async def test_guesses_at_one_name_from_many_addresses_end_too(accounts: Accounts) -> None:
    sign_ins = SignIns(accounts, per_address="3/minute", per_name="5/hour")
    tried = [await outcome(sign_ins, "guess", address=f"10.0.0.{n}") for n in range(7)]
    assert tried == [Refusal.WRONG_PASSWORD] * 5 + [Refusal.TOO_MANY_SIGN_INS] * 2
    assert await outcome(sign_ins, "guess", "10.0.1.1", name="eve") == Refusal.WRONG_PASSWORD


async def test_guesses_from_elsewhere_keep_nobody_out_who_signed_in_before(
    accounts: Accounts,
) -> None:
    sign_ins = SignIns(accounts, per_address="3/minute", per_name="5/hour")
    assert await outcome(sign_ins, RIGHT, address="office") == "admin"
    for number in range(6):
        await outcome(sign_ins, "guess", address=f"10.0.0.{number}")
    assert await outcome(sign_ins, RIGHT, address="elsewhere") == Refusal.TOO_MANY_SIGN_INS
    assert await outcome(sign_ins, RIGHT, address="office") == "admin"


async def test_the_wait_grows_to_an_hour_and_a_day(accounts: Accounts) -> None:
    sign_ins = SignIns(accounts, per_address="1/minute;1/day")
    await outcome(sign_ins, "guess")
    with pytest.raises(Unavailable) as refused:
        await sign_ins.sign_in("admin", "guess", "a")
    assert int(refused.value.details["seconds"]) > 86_000


async def test_the_log_names_who_guessed_and_is_not_flooded(
    accounts: Accounts, caplog: pytest.LogCaptureFixture
) -> None:
    sign_ins = SignIns(accounts, per_address="2/hour")
    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            await outcome(sign_ins, "guess", address="192.0.2.9", name="admin\nforged line")
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 3
    assert all("192.0.2.9" in line and "\n" not in line for line in lines)
    assert "guess" not in lines[0]
    assert "refused" in lines[2]


class SlowAccounts(Accounts):
    """Counts how many passwords are being checked, and checks until it may stop."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, VirtualClock(), session_length=timedelta(hours=1))
        self.go_on = threading.Event()
        self.now = self.most = 0
        self._lock = threading.Lock()

    def checked(self, name: str, password: str) -> Caller:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.go_on.wait(60)
        with self._lock:
            self.now -= 1
        raise NotAllowed(Refusal.WRONG_PASSWORD)


@pytest.fixture
def slow(database: Database) -> Iterator[SlowAccounts]:
    accounts = SlowAccounts(database)
    yield accounts
    accounts.go_on.set()


async def test_of_many_at_once_two_are_checked_some_wait_and_the_rest_are_sent_away(
    slow: SlowAccounts,
) -> None:
    sign_ins = SignIns(slow, per_address="1000/minute", per_name="1000/minute")
    asked = [asyncio.create_task(outcome(sign_ins, "guess", f"{n}")) for n in range(200)]
    first, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    assert {task.result() for task in first} == {Refusal.TOO_MANY_SIGN_INS}, "they wait for nobody"
    assert not slow.go_on.is_set()
    slow.go_on.set()
    ends = await asyncio.gather(*asked)
    assert slow.most == 2
    assert ends.count(Refusal.WRONG_PASSWORD) == 20
    assert ends.count(Refusal.TOO_MANY_SIGN_INS) == 180
