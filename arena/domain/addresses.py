"""Network addresses: which of them are this machine, and lists of them."""

from ipaddress import ip_address, ip_network

ANY_ADDRESS = "*"


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server that listens on `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def read_networks(text: str) -> tuple[str, ...]:
    """Return addresses and networks separated by commas as networks; `*` stands for all.

    Raises:
        ValueError: One is neither, or there is none.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise ValueError(text)
    return tuple(
        part if part == ANY_ADDRESS else str(ip_network(part, strict=False)) for part in parts
    )
