"""Which hosts mean that only this machine can connect."""

import pytest

from arena.domain.addresses import is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", ""])
def test_all_else_can_be_reached_from_other_machines(host: str) -> None:
    assert not is_loopback(host)
