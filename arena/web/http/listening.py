"""uvicorn's configuration, with bounds on connections and on the time to shut down."""

from typing import Any

import uvicorn
from fastapi import FastAPI

from arena.web.http.connections import guarded_protocol
from arena.web.http.open_files import connection_limits

_DRAIN_S = 5


def server_config(app: FastAPI, *, host: str, port: int, **options: Any) -> uvicorn.Config:
    """Return uvicorn's configuration; `options` are further ones of its own.

    No page uses web sockets, and what uvicorn logs goes where everything does. What proxies say is
    for `ProxyHeaders`: uvicorn, which would have replaced the address of the proxy, leaves it
    alone.
    """
    limits = connection_limits()
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_S,
        http=guarded_protocol(most_idle=limits.idle),
        ws="none",
        limit_concurrency=limits.connections,
        **options,
    )
