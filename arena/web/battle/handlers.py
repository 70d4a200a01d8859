"""The battle page's events before the vote: find the caller, call one service, show its result."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

import gradio as gr
from starlette.concurrency import run_in_threadpool

from arena.catalog import Example
from arena.domain.accounts import Caller
from arena.domain.battle import Action, BattleId, BattleState, BattleView, Shown
from arena.domain.errors import (
    ArenaError,
    Conflict,
    NotAllowed,
    NotFound,
    Refusal,
    Unavailable,
)
from arena.services.battle.opening import Opening
from arena.web.battle.keys import keys_button, keys_dialog
from arena.web.battle.layout import BattleLayout
from arena.web.battle.notices import prompt_limit
from arena.web.battle.parts import BattleParts
from arena.web.battle.requests import PageRequests, address_of, shown_on_page
from arena.web.battle.screen import BattleScreen, Updates
from arena.web.battle.shown_battle import read_shown
from arena.web.common.markup import Words, header, notice
from arena.web.common.site import SiteWords

Frames = AsyncGenerator[Updates, None]
Begin = Callable[[Caller], Awaitable[BattleId]]


class BattleHandlers:
    """Turns of a battle, and the page around them."""

    def __init__(self, parts: BattleParts, layout: BattleLayout, screen: BattleScreen) -> None:
        self._parts = parts
        self._battles = parts.battles
        self._requests = PageRequests(parts.access, parts.texts)
        self._layout = layout
        self._screen = screen

    async def load(self, request: gr.Request) -> Updates:
        """Show the empty page, or the annotator's open battle as it stands."""
        words = self._requests.words(request)
        caller, view, refusal = await self._resumed(request)
        judges = await run_in_threadpool(self._parts.has_to_judge, caller)
        page = {
            self._layout.header: header(
                words,
                here="battle",
                caller=caller,
                sign_out=self._parts.access.sign_out_token(request),
                more=keys_button(words),
                judges=judges,
            )
            + keys_dialog(words, self._site(request), ask_reasons=self._parts.ask_reasons)
            + prompt_limit(words, self._battles.rules.prompt_limit),
            **self._screen.titles(words),
            **self._screen.empty(words, self._offered(request), site=self._site(request)),
            **self._status(words),
        }
        if refusal is not None:
            return page | self._screen.refused(words, refusal)
        return page | self._screen.begun(words, view) if view else page

    async def _resumed(
        self, request: gr.Request
    ) -> tuple[Caller | None, BattleView | None, ArenaError | None]:
        """Return the caller, the caller's open battle, and why it cannot be shown."""
        caller = None
        try:
            caller = await self._requests.caller(request)
            return caller, await self._battles.current(caller), None
        except ArenaError as error:
            return caller, None, error

    async def tick(self, request: gr.Request) -> Updates:
        """While models load: say so, and stop saying so."""
        return self._status(self._requests.words(request))

    async def send(
        self,
        prompt: str,
        shown: str,
        category: str,
        language: str,
        request: gr.Request,
    ) -> Updates:
        """Begin a follow-up in the battle on the page, or a new battle if that came to nothing.

        A prompt takes the place of a stopped turn. A battle that another tab has closed is neither
        continued nor started over.
        """
        without_stopped: list[BattleView] = []

        async def begin(caller: Caller) -> BattleId:
            on_page = read_shown(shown)
            if on_page is not None:
                view = await self._battles.view(caller, on_page.battle_id)
                if Action.VOTE_EARLIER in view.actions:
                    view.require(on_page)
                    view = await self._leave_out_stopped(caller, on_page, prompt)
                    without_stopped.append(view)
                    on_page = view.shown
                if view.state not in {BattleState.STOPPED, BattleState.VOID}:
                    await self._battles.next_turn(caller, on_page, prompt)
                    return view.battle_id
            opening = Opening(prompt, category or None, language or None)
            return await self._battles.start(caller, opening)

        updates = await self._begin(request, begin)
        if without_stopped and self._layout.view not in updates:
            return self._screen.begun(self._requests.words(request), without_stopped[0]) | updates
        return updates

    async def _leave_out_stopped(self, caller: Caller, on_page: Shown, prompt: str) -> BattleView:
        """Withdraw the stopped turn, unless the prompt is refused for what it is.

        A prompt is checked before the battle's state: one that is empty or too long withdraws
        nothing.
        """
        try:
            await self._battles.next_turn(caller, on_page, prompt)
        except Conflict as error:
            if error.refusal is not Refusal.NOT_COMPLETE:
                raise
        await self._battles.withdraw_turn(caller, on_page.battle_id)
        return await self._battles.view(caller, on_page.battle_id)

    async def retry(self, shown: str, request: gr.Request) -> Updates:
        """Run the last prompt again."""

        async def begin(caller: Caller) -> BattleId:
            return await self._battles.retry(caller, shown_on_page(shown).battle_id)

        return await self._begin(request, begin)

    async def vote_earlier(self, shown: str, request: gr.Request) -> Updates:
        """Leave the stopped turn out, so that the complete ones can be voted on."""
        words = self._requests.words(request)
        try:
            caller = await self._requests.caller(request)
            battle_id = shown_on_page(shown).battle_id
            await self._battles.withdraw_turn(caller, battle_id)
            view = await self._battles.view(caller, battle_id)
        except ArenaError as error:
            return self._screen.refused(words, error)
        return self._screen.begun(words, view)

    async def continue_cut(self, shown: str, request: gr.Request) -> Updates:
        """Go on with the cut answers."""

        async def begin(caller: Caller) -> BattleId:
            battle_id = shown_on_page(shown).battle_id
            await self._battles.continue_cut(caller, battle_id)
            return battle_id

        return await self._begin(request, begin)

    async def follow(self, shown: str, request: gr.Request) -> Frames:
        """Stream a battle until its turn has ended.

        What the page shows already is not sent again, and stays where nothing has begun: after a
        vote the reveal, when the next prompt is refused. Gradio clears the outputs of a generator
        that yields nothing.
        """
        on_page = read_shown(shown)
        if on_page is None:
            yield self._screen.nothing_new()
            return
        caller = await self._requests.find(request)
        words = self._requests.words(request)
        if caller is None:
            yield self._screen.no_frame(words)
            return
        try:
            async with aclosing(self._battles.frames(caller, on_page.battle_id)) as views:
                async for view in views:
                    if view.state is BattleState.GENERATING and view.shown == on_page:
                        continue
                    left = view.state is BattleState.ABANDONED
                    show = self._screen.left_elsewhere
                    yield show(words) if left else self._screen.frame(words, view)
        except Unavailable:
            yield self._screen.nothing_new()
        except (NotFound, NotAllowed):
            yield self._screen.no_frame(words)

    async def stop(self, shown: str, request: gr.Request) -> Updates:
        """Stop all slots; the event that follows the battle shows the result."""
        words = self._requests.words(request)
        try:
            caller = await self._requests.caller(request)
            await self._battles.stop(caller, shown_on_page(shown).battle_id)
        except ArenaError as error:
            return self._screen.refused(words, error)
        return {self._layout.refusal: ""}

    async def recognise(
        self,
        shown: str,
        recognised: bool,  # noqa: FBT001
        request: gr.Request,
    ) -> Updates:
        """Keep the tick with the battle, so that it is there again when the page is reloaded."""
        words = self._requests.words(request)
        try:
            caller = await self._requests.caller(request)
            battle_id = shown_on_page(shown).battle_id
            await self._battles.recognise(caller, battle_id, recognised=recognised)
        except ArenaError as error:
            return self._screen.refused(words, error)
        return {self._layout.refusal: ""}

    async def new_battle(self, request: gr.Request) -> Updates:
        """Start from an empty page.

        A battle that could be voted on or run again stays open until the next prompt, so that
        skipping can be undone; one that generates is abandoned.
        """
        words = self._requests.words(request)
        try:
            caller = await self._requests.caller(request)
            view = await self._battles.current(caller)
            if view is not None and view.state is BattleState.GENERATING:
                await self._battles.abandon(caller)
                view = None
        except ArenaError as error:
            return self._screen.refused(words, error)
        return self._screen.empty(
            words, self._offered(request), site=self._site(request), skipped=view is not None
        )

    async def undo(self, request: gr.Request) -> Updates:
        """Go back to the battle that was skipped."""
        words = self._requests.words(request)
        _, view, refusal = await self._resumed(request)
        if refusal is not None:
            return self._screen.refused(words, refusal)
        if view is None:
            return self._screen.refused(words, Conflict(Refusal.BATTLE_CLOSED))
        return self._screen.begun(words, view)

    async def _begin(self, request: gr.Request, begin: Begin) -> Updates:
        """Begin a turn for the caller, or say why not; `follow` then streams it."""
        words = self._requests.words(request)
        try:
            caller = await self._requests.caller(request)
            self._parts.turns.require(caller, address_of(request))
            begun = await begin(caller)
            self._parts.turns.count(caller, address_of(request))
            view = await self._battles.view(caller, begun)
        except ArenaError as error:
            return self._screen.refused(words, error)
        return self._screen.begun(words, view)

    def _site(self, request: gr.Request) -> SiteWords:
        return self._parts.site.of(request.headers.get("accept-language"))

    def _offered(self, request: gr.Request) -> Sequence[Example]:
        return self._parts.some_examples(request.headers.get("accept-language"))

    def _status(self, words: Words) -> Updates:
        if self._parts.ready():
            text = words["battle.remote"] if self._parts.remote else ""
        else:
            text = words["status.loading" if self._parts.loading() else "status.too_few"]
        return {
            self._layout.status: notice(text, "status"),
            self._layout.ticker: gr.Timer(active=not self._parts.ready()),
        }
