"""The OpenAI client, without what it does behind its caller's back."""

import openai
from openai import AsyncOpenAI, Omit

from arena.inference.remote.request import Endpoint
from arena.inference.remote.waits import Timeouts


def open_client(endpoint: Endpoint, timeouts: Timeouts) -> AsyncOpenAI:
    """Build a client without hidden retries; an engine on loopback is never reached by a proxy.

    No redirect is followed: it would carry prompts and keys to an address that no operator wrote.
    """
    timeout = openai.Timeout(
        connect=timeouts.connect_s,
        read=max(timeouts.first_token_s, timeouts.between_tokens_s) + 1.0,
        write=timeouts.between_tokens_s,
        pool=timeouts.connect_s,
    )
    return AsyncOpenAI(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key or "none",
        max_retries=0,
        timeout=timeout,
        default_query={"api-version": endpoint.api_version} if endpoint.api_version else None,
        http_client=openai.DefaultAsyncHttpxClient(
            trust_env=not endpoint.dialect.is_started_here,
            timeout=timeout,
            follow_redirects=False,
        ),
    )


def identification(endpoint: Endpoint) -> dict[str, str | Omit]:
    """Return the headers that say who asks: the key where this server wants it, and nothing else.

    The client would add an organisation and a project from this process's environment.
    """
    headers: dict[str, str | Omit] = {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
    key_header = endpoint.dialect.key_header
    if endpoint.api_key is None or key_header is not None:
        headers["Authorization"] = Omit()
    if endpoint.api_key is not None and key_header is not None:
        headers[key_header] = endpoint.api_key
    return headers
