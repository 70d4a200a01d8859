"""Server-sent events, cut out of a stream of bytes as our engines and vLLM write it."""

from collections import deque
from typing import Final

_FIELD: Final = "data:"
_DATA: Final = _FIELD.encode()


class EventLines:
    """Gathers the `data` lines of events; comments and other fields are left out.

    Lines end in LF or CRLF. An event whose blank line never comes is none.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []
        self._events: deque[list[bytes]] = deque()

    def feed(self, piece: bytes) -> None:
        """Take the next bytes, however they were split."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(_DATA):
                self._lines.append(line)
            elif self._lines and line in (b"", b"\r"):
                self._events.append(self._lines)
                self._lines = []

    def take(self) -> str | None:
        """Return the data of the next whole event; None if there is none yet.

        Raises:
            UnicodeDecodeError: It is no UTF-8.
        """
        if not self._events:
            return None
        lines = (line.decode().removesuffix("\r") for line in self._events.popleft())
        return "\n".join(line.removeprefix(_FIELD).removeprefix(" ") for line in lines)
