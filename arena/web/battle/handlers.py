"""The battle page's events: find the caller, call one service, show what came of it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing

import gradio as gr

from arena.domain.accounts import Caller
from arena.domain.battle import BattleId, BattleState, BattleView, Shown
from arena.domain.errors import ArenaError, Conflict, NotAllowed, NotFound, Refusal, Unavailable
from arena.domain.verdict import Reason, Verdict
from arena.services.battle.battles import Battles
from arena.services.battle.opening import Opening
from arena.services.battle.voting import Ballot, Voting
from arena.services.errors import StorageError
from arena.web.battle.layout import BattleLayout, Example
from arena.web.battle.screen import BattleScreen, Updates
from arena.web.battle.shown_battle import read_shown
from arena.web.common.markup import Words, header, notice
from arena.web.common.texts import Texts, refusal_sentence
from arena.web.http.access import Access
from arena.web.http.address_limit import AddressLimit
from arena.web.http.client_address import client_address

logger = logging.getLogger(__name__)

Frames = AsyncGenerator[Updates, None]
Begin = Callable[[Caller], Awaitable[BattleId]]


class BattleHandlers:
    """Every event of the page. Rights are checked by the services, from the session's cookie."""

    def __init__(
        self,
        *,
        layout: BattleLayout,
        screen: BattleScreen,
        battles: Battles,
        voting: Voting,
        access: Access,
        texts: Texts,
        examples: Callable[[], Sequence[Example]],
        ready: Callable[[], bool],
        loading: Callable[[], bool],
        ask_reasons: bool,
        remote: bool,
        turns: AddressLimit,
        votes: AddressLimit,
    ) -> None:
        self._layout = layout
        self._screen = screen
        self._battles = battles
        self._voting = voting
        self._access = access
        self._texts = texts
        self._examples = examples
        self._ready = ready
        self._loading = loading
        self._ask_reasons = ask_reasons
        self._remote = remote
        self._turns = turns
        self._votes = votes

    async def load(self, request: gr.Request) -> Updates:
        """The empty page, or the annotator's open battle as it stands."""
        words = self._words(request)
        caller, view, refusal = await self._resumed(request)
        page = {
            self._layout.header: header(
                words, here="battle", caller=caller, sign_out=self._access.sign_out_token(request)
            ),
            **self._screen.titles(words),
            **self._screen.empty(words, self._examples()),
            **self._status(words),
        }
        if refusal is not None:
            return page | self._refused(words, refusal)
        return page | self._screen.begun(words, view) if view else page

    async def _resumed(
        self, request: gr.Request
    ) -> tuple[Caller | None, BattleView | None, ArenaError | None]:
        """Who opens the page, their open battle, and why there is none to be had."""
        caller = None
        try:
            caller = await self._caller(request)
            return caller, await self._battles.current(caller), None
        except ArenaError as error:
            return caller, None, error

    async def tick(self, request: gr.Request) -> Updates:
        """While models load: say so, and stop saying so."""
        return self._status(self._words(request))

    async def send(
        self,
        prompt: str,
        shown: str,
        category: str,
        language: str,
        request: gr.Request,
    ) -> Updates:
        """Begin a follow-up in the battle on the page, or a new one in place of what came to
        nothing. What another tab has closed is no more to go on with, and nothing to begin over.
        """

        async def begin(caller: Caller) -> BattleId:
            on_page = read_shown(shown)
            if on_page is not None:
                view = await self._battles.view(caller, on_page.battle_id)
                if view.state not in {BattleState.STOPPED, BattleState.VOID}:
                    await self._battles.next_turn(caller, on_page, prompt)
                    return view.battle_id
            opening = Opening(prompt, category or None, language or None)
            return await self._battles.start(caller, opening)

        return await self._begin(request, begin)

    async def retry(self, shown: str, request: gr.Request) -> Updates:
        """Run the last prompt again."""

        async def begin(caller: Caller) -> BattleId:
            return await self._battles.retry(caller, _on_page(shown).battle_id)

        return await self._begin(request, begin)

    async def continue_cut(self, shown: str, request: gr.Request) -> Updates:
        """Go on with the cut answers."""

        async def begin(caller: Caller) -> BattleId:
            battle_id = _on_page(shown).battle_id
            await self._battles.continue_cut(caller, battle_id)
            return battle_id

        return await self._begin(request, begin)

    async def follow(self, shown: str, request: gr.Request) -> Frames:
        """Frames of a battle until it generates no more; the empty frame where there is none.

        Gradio clears the outputs of a generator that yields nothing.
        """
        caller = await self._access.find(request)
        on_page = read_shown(shown)
        if on_page is None or caller is None:
            yield self._screen.no_frame()
            return
        words = self._words(request)
        try:
            async with aclosing(self._battles.frames(caller, on_page.battle_id)) as views:
                async for view in views:
                    left = view.state is BattleState.ABANDONED
                    yield self._screen.no_frame() if left else self._screen.frame(words, view)
        except Unavailable:
            yield {self._layout.view: gr.skip()}
        except (NotFound, NotAllowed):
            yield self._screen.no_frame()

    async def settle(self, shown: str, prompt: str, request: gr.Request) -> Updates:
        """After the last frame. What stands in the box by now is never replaced."""
        caller = await self._access.find(request)
        on_page = read_shown(shown)
        if on_page is None or caller is None or prompt:
            return {self._layout.prompt: gr.skip()}
        try:
            return self._screen.settled(await self._battles.view(caller, on_page.battle_id))
        except (Unavailable, NotFound, NotAllowed):
            return {self._layout.prompt: gr.skip()}

    async def stop(self, shown: str, request: gr.Request) -> Updates:
        """Stop all slots; the event that follows the battle shows the result."""
        words = self._words(request)
        try:
            caller = await self._caller(request)
            await self._battles.stop(caller, _on_page(shown).battle_id)
        except ArenaError as error:
            return self._refused(words, error)
        return {self._layout.refusal: ""}

    async def new_battle(self, request: gr.Request) -> Updates:
        """Leave the battle as it is and start from an empty page."""
        words = self._words(request)
        try:
            await self._battles.abandon(await self._caller(request))
        except ArenaError as error:
            return self._refused(words, error)
        return self._screen.empty(words, self._examples())

    def vote_with(self, verdict: Verdict) -> Callable[..., object]:
        """The event of one vote button: commit, or select where reasons are asked."""

        async def vote(
            shown: str,
            recognised: bool,  # noqa: FBT001
            request: gr.Request,
        ) -> Updates:
            if self._ask_reasons:
                return await self._choose(shown, verdict, request)
            ballot = Ballot(verdict=verdict, recognised=recognised)
            return await self._cast(shown, ballot, request)

        return vote

    async def submit(
        self,
        shown: str,
        chosen: str,
        recognised: bool,  # noqa: FBT001
        comment: str,
        request: gr.Request,
        *reasons: list[str],
    ) -> Updates:
        """Commit the selected verdict with its reasons, a list of chips per slot."""
        ballot = Ballot(
            verdict=_verdict(chosen),
            recognised=recognised,
            reasons=_reasons(reasons),
            comment=comment or "",
        )
        return await self._cast(shown, ballot, request)

    async def _cast(self, shown: str, ballot: Ballot, request: gr.Request) -> Updates:
        words = self._words(request)
        try:
            caller = await self._caller(request)
            _refuse_above(self._votes, request, Refusal.TOO_MANY_VOTES)
            reveal = await asyncio.to_thread(self._voting.cast, caller, _on_page(shown), ballot)
            self._votes.take(_address(request))
        except ArenaError as error:
            return self._refused(words, error)
        return self._screen.reveal(words, reveal)

    async def _choose(self, shown: str, verdict: Verdict, request: gr.Request) -> Updates:
        words = self._words(request)
        try:
            caller = await self._caller(request)
            on_page = _on_page(shown)
            view = await self._battles.view(caller, on_page.battle_id)
            view.require(on_page)
        except ArenaError as error:
            return self._refused(words, error)
        return self._screen.chosen(words, view, verdict.value)

    async def _begin(self, request: gr.Request, begin: Begin) -> Updates:
        """Begin something for the caller, or say why not; `follow` shows how it goes on."""
        words = self._words(request)
        try:
            caller = await self._caller(request)
            _refuse_above(self._turns, request, Refusal.TOO_MANY_TURNS)
            begun = await begin(caller)
            self._turns.take(_address(request))
            view = await self._battles.view(caller, begun)
        except ArenaError as error:
            return self._refused(words, error)
        return self._screen.begun(words, view)

    def _status(self, words: Words) -> Updates:
        if self._ready():
            text = words["battle.remote"] if self._remote else ""
        else:
            text = words["status.loading" if self._loading() else "status.too_few"]
        return {
            self._layout.status: notice(text, "status"),
            self._layout.ticker: gr.Timer(active=not self._ready()),
        }

    def _refused(self, words: Words, error: ArenaError) -> Updates:
        return self._screen.refused(refusal_sentence(words, error))

    async def _caller(self, request: gr.Request) -> Caller:
        try:
            caller = await self._access.find(request)
        except StorageError as error:
            logger.exception("the ledger cannot say whose session this is")
            raise Unavailable(Refusal.NOT_STORED) from error
        if caller is None:
            raise NotAllowed(Refusal.NOT_SIGNED_IN)
        return caller

    def _words(self, request: gr.Request) -> Mapping[str, str]:
        return self._texts.of(request.headers.get("accept-language"))


def _address(request: gr.Request) -> str:
    client = request.client
    return client_address({"client": (client.host, 0) if client else None})


def _refuse_above(limit: AddressLimit, request: gr.Request, refusal: Refusal) -> None:
    """Only what was done is counted, afterwards: a second click costs nobody a vote."""
    wait_s = limit.wait_s(_address(request))
    if wait_s:
        raise Unavailable(refusal, seconds=wait_s)


def _on_page(shown: str) -> Shown:
    """The battle whose answers the page shows: no vote may land on another one."""
    on_page = read_shown(shown)
    if on_page is None:
        raise Conflict(Refusal.PAGE_OUTDATED)
    return on_page


def _verdict(chosen: str) -> Verdict | None:
    """None for what is no verdict."""
    return Verdict(chosen) if chosen in set(Verdict) else None


def _reasons(groups: Sequence[Sequence[str]]) -> tuple[tuple[int, Reason], ...]:
    return tuple(
        (position, Reason(value)) for position, group in enumerate(groups) for value in group
    )
