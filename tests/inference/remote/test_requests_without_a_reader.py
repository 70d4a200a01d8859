"""A request whose reader is content with a piece of text now and then."""

from dataclasses import replace

import pytest

from arena.catalog.dialects import ENGINE, OPENAI, VLLM, Dialect
from arena.inference.remote.request import Endpoint, extension_fields
from tests.fakes.chat_requests import ask


@pytest.mark.parametrize(("dialect", "sent"), [(ENGINE, 5.0), (VLLM, None), (OPENAI, None)])
def test_only_an_engine_of_ours_is_told_how_seldom_text_is_wanted(
    dialect: Dialect, sent: float | None
) -> None:
    request = replace(ask("hi"), interval_s=5.0)
    fields = extension_fields(Endpoint("http://127.0.0.1:1/v1", "m", dialect=dialect), request)
    assert fields.get("stream_interval") == sent


def test_a_reader_gets_text_as_soon_as_it_comes() -> None:
    endpoint = Endpoint("http://127.0.0.1:1/v1", "m", dialect=ENGINE)
    assert "stream_interval" not in extension_fields(endpoint, ask("hi"))
