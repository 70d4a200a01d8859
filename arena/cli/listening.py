"""The sockets of the page, open before anybody is told its address."""

import errno
import socket
from collections.abc import Sequence
from contextlib import ExitStack

_BACKLOG = 2048


class CannotListen(Exception):
    """Why the address cannot be had, and what to change."""


def listening(host: str, port: int) -> Sequence[socket.socket]:
    """Open sockets on every address that `host` stands for; port 0 takes a free one.

    Connections wait until the page is served. Raises `CannotListen`.
    """
    with ExitStack() as opened:
        try:
            found = socket.getaddrinfo(
                host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            sockets: list[socket.socket] = []
            for family, _, _, _, address in dict.fromkeys(found):
                chosen = (address[0], port_of(sockets) or port, *address[2:])
                one = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
                sockets.append(_listening(one, chosen))
        except OSError as error:
            raise CannotListen(f"cannot listen on {host}:{port}: {_reason(error)}") from error
        opened.pop_all()
    return sockets


def port_of(sockets: Sequence[socket.socket]) -> int | None:
    """Return the port on which sockets listen; None without sockets."""
    return int(sockets[0].getsockname()[1]) if sockets else None


def _listening(one: socket.socket, address: tuple[str | int, ...]) -> socket.socket:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if one.family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    one.bind(address)
    one.listen(_BACKLOG)
    one.setblocking(False)
    return one


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "another program does; end it, or choose a --port (0 takes a free one)"
    if error.errno == errno.EACCES:
        return "this user may not; choose a --port from 1024 up"
    return error.strerror or str(error)
