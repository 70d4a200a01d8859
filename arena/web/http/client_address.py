"""The network address of a client, by which limits count."""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

_ONE_HOST = 64
"""Bits of an IPv6 address that name a network; one host may choose all others as it likes."""


def client_address(scope: Mapping[str, Any]) -> str:
    """Return the address that an ASGI scope's request came from; empty where there is none.

    Behind a trusted proxy, that of its client: `ProxyHeaders` has put it into the scope. Of an IPv6
    address its /64 network, in which one host has as many addresses as it wants; an IPv4 address in
    IPv6 clothes is itself.
    """
    client = scope.get("client")
    if not client:
        return ""
    try:
        address = ip_address(str(client[0]).partition("%")[0])
    except ValueError:
        return str(client[0])
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _ONE_HOST), strict=False))
