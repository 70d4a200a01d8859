"""What events of the battle page read from a request: the caller, the language, the address."""

import logging
from collections.abc import Mapping

import gradio as gr

from arena.domain.accounts import Caller
from arena.domain.battle import Shown
from arena.domain.errors import Conflict, NotAllowed, Refusal, Unavailable
from arena.services.errors import StorageError
from arena.web.battle.shown_battle import read_shown
from arena.web.common.texts import Texts
from arena.web.http.access import Access
from arena.web.http.client_address import client_address

logger = logging.getLogger(__name__)


class PageRequests:
    """Reads requests of the page. Rights are checked by services, for the caller found here."""

    def __init__(self, access: Access, texts: Texts) -> None:
        self._access = access
        self._texts = texts

    def words(self, request: gr.Request) -> Mapping[str, str]:
        """Return the sentences of the browser's language."""
        return self._texts.of(request.headers.get("accept-language"))

    async def find(self, request: gr.Request) -> Caller | None:
        """Return the caller of the session, or None without one."""
        return await self._access.find(request)

    async def caller(self, request: gr.Request) -> Caller:
        """Return the caller of the session.

        Raises:
            NotAllowed: There is no session.
            Unavailable: The database cannot say.
        """
        try:
            caller = await self._access.find(request)
        except StorageError as error:
            logger.exception("the ledger cannot say whose session this is")
            raise Unavailable(Refusal.NOT_STORED) from error
        if caller is None:
            raise NotAllowed(Refusal.NOT_SIGNED_IN)
        return caller


def shown_on_page(shown: str) -> Shown:
    """Return the battle whose answers the page shows: no vote may land on another one.

    Raises:
        Conflict: The page shows none.
    """
    on_page = read_shown(shown)
    if on_page is None:
        raise Conflict(Refusal.PAGE_OUTDATED)
    return on_page


def address_of(request: gr.Request) -> str:
    """Return the network address that limits count by."""
    client = request.client
    return client_address({"client": (client.host, 0) if client else None})
