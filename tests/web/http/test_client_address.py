"""The address that limits and flags go by."""

import pytest

from arena.web.http.client_address import client_address


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (("192.0.2.7", 50000), "192.0.2.7"),
        (("192.0.2.7", 50001), "192.0.2.7"),
        (("::ffff:192.0.2.7", 50000), "192.0.2.7"),
        (("::1", 50000), "::/64"),
        (("testclient", 50000), "testclient"),
        (None, ""),
    ],
)
def test_a_request_has_its_clients_address_whatever_its_port(
    client: tuple[str, int] | None, address: str
) -> None:
    assert client_address({"type": "http", "client": client}) == address


def test_one_host_is_one_address_however_many_ipv6_addresses_it_takes() -> None:
    mine = [client_address({"client": (f"2001:db8:1:2::{n:x}", 1)}) for n in range(1, 9)]
    assert set(mine) == {"2001:db8:1:2::/64"}
    assert client_address({"client": ("2001:db8:1:3::1", 1)}) not in mine


def test_a_scope_without_a_client_has_no_address() -> None:
    assert client_address({"type": "http"}) == ""
