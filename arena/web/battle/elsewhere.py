"""What becomes of a page whose battle was voted on, or left, in another window of the annotator."""

import asyncio

import gradio as gr

from arena.domain.battle import BattleState, Shown
from arena.domain.errors import ArenaError
from arena.services.errors import StorageError
from arena.web.battle.parts import BattleParts
from arena.web.battle.requests import PageRequests
from arena.web.battle.screen import BattleScreen, Updates
from arena.web.battle.shown_battle import read_shown
from arena.web.common.markup import Words


class ElsewhereHandlers:
    """The event by which the page's script asks about the battle that it shows."""

    def __init__(self, parts: BattleParts, screen: BattleScreen) -> None:
        self._parts = parts
        self._requests = PageRequests(parts.access, parts.texts)
        self._screen = screen

    async def look(self, shown: str, request: gr.Request) -> Updates:
        """Show a battle that is closed by now; leave the page as it stands otherwise.

        The models are named as after a vote on this page: the annotator's own is committed.
        """
        on_page = read_shown(shown)
        if on_page is None:
            return self._screen.nothing_new()
        try:
            return await self._now(on_page, request)
        except (ArenaError, StorageError):
            return self._screen.nothing_new()

    async def _now(self, on_page: Shown, request: gr.Request) -> Updates:
        words: Words = self._requests.words(request)
        caller = await self._requests.caller(request)
        view = await self._parts.battles.view(caller, on_page.battle_id)
        if view.state is BattleState.ABANDONED:
            return self._screen.closed_elsewhere(words)
        if view.state is not BattleState.VOTED:
            return self._screen.nothing_new()
        reveal = await asyncio.to_thread(self._parts.voting.reveal, caller, view.battle_id)
        return self._screen.voted_elsewhere(words, view, reveal)
