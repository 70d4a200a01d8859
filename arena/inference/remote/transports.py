"""Which way leads to a server."""

from arena.inference.remote.loopback_transport import LoopbackTransport
from arena.inference.remote.openai_transport import OpenAITransport
from arena.inference.remote.request import Endpoint
from arena.inference.remote.transport import Transport
from arena.inference.remote.waits import Timeouts


def open_transport(endpoint: Endpoint, timeouts: Timeouts) -> Transport:
    """Return the short way to what the arena has started itself, the general one to the rest."""
    if endpoint.dialect.is_started_here:
        return LoopbackTransport(endpoint, timeouts)
    return OpenAITransport(endpoint, timeouts)
