"""The ways to a server: what holds of one has to hold of each."""

from collections.abc import Callable

import pytest

from arena.inference.remote import backend
from arena.inference.remote.loopback_transport import LoopbackTransport
from arena.inference.remote.openai_transport import OpenAITransport
from arena.inference.remote.request import Endpoint
from arena.inference.remote.transport import Transport
from arena.inference.remote.waits import Timeouts

Way = Callable[[Endpoint, Timeouts], Transport]


@pytest.fixture(params=[OpenAITransport, LoopbackTransport], ids=["openai client", "loopback"])
def each_transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Way:
    """Let all backends of a test go this way, whatever their dialect."""
    way: Way = request.param
    monkeypatch.setattr(backend, "open_transport", way)
    return way
