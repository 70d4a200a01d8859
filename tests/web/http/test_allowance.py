"""What one person and one address may do: whichever limit comes first."""

import pytest

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.errors import Refusal, Unavailable
from arena.web.http.allowance import Allowance
from tests.web.allowances import allowance

ADA, BOB, CYN = (
    Caller(AnnotatorId(number), name, AccountRole.ANNOTATOR)
    for number, name in enumerate(("ada", "bob", "cyn"), 1)
)


def wait_s(of: Allowance, caller: Caller, address: str) -> int:
    try:
        of.require(caller, address)
    except Unavailable as error:
        return int(error.details["seconds"]) if error.refusal is Refusal.TOO_MANY_VOTES else -1
    of.count(caller, address)
    return 0


def test_a_person_is_stopped_wherever_they_come_from_and_others_are_not() -> None:
    votes = allowance(address="100/hour", person="2/minute")
    waits = [wait_s(votes, ADA, f"192.0.2.{number}") for number in range(4)]
    assert waits[:2] == [0, 0]
    assert all(1 <= wait <= 60 for wait in waits[2:])
    assert wait_s(votes, BOB, "192.0.2.1") == 0


def test_an_address_is_stopped_whoever_is_behind_it_and_others_are_not() -> None:
    votes = allowance(address="2/hour", person="100/minute")
    waits = [wait_s(votes, person, "192.0.2.1") for person in (ADA, BOB, CYN)]
    assert waits[:2] == [0, 0]
    assert waits[2] > 60
    assert wait_s(votes, CYN, "192.0.2.2") == 0


@pytest.mark.parametrize("times", [1, 5])
def test_what_is_refused_or_only_asked_counts_nowhere(times: int) -> None:
    votes = allowance(address="100/hour", person="1/hour")
    assert wait_s(votes, ADA, "a") == 0
    for _ in range(times):
        assert wait_s(votes, ADA, "b") > 0
    votes.require(BOB, "b")
    assert wait_s(votes, BOB, "b") == 0
