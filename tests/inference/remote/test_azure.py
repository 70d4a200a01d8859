"""Azure, which wants its key and its version in places of its own."""

import pytest

from arena.catalog.dialects import AZURE
from arena.domain.conversation import Sampling
from arena.inference.backend import ChatRequest
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.request import Endpoint
from tests.fakes.chat_requests import reply_of, user
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import fake_openai_server, in_turn
from tests.inference.remote.talking import GOOD

pytestmark = pytest.mark.anyio


async def test_azure_gets_its_key_and_version_in_its_places() -> None:
    async with fake_openai_server(in_turn(GOOD)) as server:
        base = f"http://127.0.0.1:{server.port}/openai/deployments/mine"
        endpoint = Endpoint(base, "mine", "secret", AZURE, api_version="2024-10-21")
        backend = OpenAIBackend(endpoint, clock=VirtualClock())
        request = ChatRequest(user("hi"), Sampling(top_k=3, repetition_penalty=1.1))
        assert (await reply_of(backend, request)).text == "fine"
        await backend.close()
    version = "api-version=2024-10-21"
    assert server.targets == [f"/openai/deployments/mine/chat/completions?{version}"]
    assert server.fields[0]["api-key"] == "secret"
    assert "authorization" not in server.fields[0]
    assert server.requests[0].keys().isdisjoint({"top_k", "repetition_penalty"})
