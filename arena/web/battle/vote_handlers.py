"""The battle page's votes: select a verdict, commit it, and only then reveal."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import gradio as gr

from arena.domain.accounts import Caller
from arena.domain.battle import Shown
from arena.domain.errors import ArenaError, Refusal, Unavailable
from arena.domain.verdict import Reason, Verdict
from arena.services.battle.voting import Ballot, Reveal
from arena.web.battle.parts import BattleParts
from arena.web.battle.requests import PageRequests, address_of, shown_on_page
from arena.web.battle.screen import BattleScreen, Updates

_WAITS_S = (1.0, 2.0, 4.0)
"""How long to wait before a vote is tried again that could not be saved."""

Steps = AsyncGenerator[Updates, None]


class VoteHandlers:
    """The vote buttons and the form of reasons."""

    def __init__(
        self,
        parts: BattleParts,
        screen: BattleScreen,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._parts = parts
        self._sleep = sleep
        self._requests = PageRequests(parts.access, parts.texts)
        self._screen = screen

    @property
    def ask_reasons(self) -> bool:
        """Whether a vote button only selects, and the form of reasons commits."""
        return self._parts.ask_reasons

    def vote_with(self, verdict: Verdict) -> Callable[..., object]:
        """Return the event of one vote button: commit, or select where reasons are asked."""

        async def vote(
            shown: str,
            recognised: bool,  # noqa: FBT001
            request: gr.Request,
        ) -> Steps:
            if self.ask_reasons:
                yield await self._choose(shown, verdict, request)
                return
            ballot = Ballot(verdict=verdict, recognised=recognised)
            async for step in self._cast(shown, ballot, request):
                yield step

        return vote

    async def submit(
        self,
        shown: str,
        chosen: str,
        recognised: bool,  # noqa: FBT001
        comment: str,
        request: gr.Request,
        *reasons: list[str],
    ) -> Steps:
        """Commit the selected verdict with its reasons, a list of chips per slot."""
        ballot = Ballot(
            verdict=_verdict(chosen),
            recognised=recognised,
            reasons=_reasons(reasons),
            comment=comment or "",
        )
        async for step in self._cast(shown, ballot, request):
            yield step

    async def _cast(self, shown: str, ballot: Ballot, request: gr.Request) -> Steps:
        """Commit, trying again for some seconds while the database cannot; then reveal."""
        words = self._requests.words(request)
        try:
            caller = await self._requests.caller(request)
            self._parts.votes.require(caller, address_of(request))
            on_page = shown_on_page(shown)
            for attempt, wait_s in enumerate((*_WAITS_S, None)):
                try:
                    reveal = await self._commit(caller, on_page, ballot, again=attempt > 0)
                    break
                except Unavailable as error:
                    if wait_s is None or error.refusal is not Refusal.VOTE_NOT_SAVED:
                        raise
                    yield self._screen.trying_again(words)
                    await self._sleep(wait_s)
            self._parts.votes.count(caller, address_of(request))
        except ArenaError as error:
            yield self._screen.refused(words, error)
            return
        if await self._has_gone_on(caller):
            yield self._screen.kept()
        else:
            yield self._screen.reveal(words, reveal)

    async def _has_gone_on(self, caller: Caller) -> bool:
        """Return whether another battle has begun: names of this one would stand over it."""
        try:
            return await self._parts.battles.current(caller) is not None
        except ArenaError:
            return False

    async def _commit(self, caller: Caller, shown: Shown, ballot: Ballot, *, again: bool) -> Reveal:
        cast = self._parts.voting.cast
        return await asyncio.to_thread(cast, caller, shown, ballot, again=again)

    async def _choose(self, shown: str, verdict: Verdict, request: gr.Request) -> Updates:
        words = self._requests.words(request)
        try:
            caller = await self._requests.caller(request)
            on_page = shown_on_page(shown)
            view = await self._parts.battles.view(caller, on_page.battle_id)
            view.require(on_page)
        except ArenaError as error:
            return self._screen.refused(words, error)
        return self._screen.chosen(words, view, verdict.value)


def _verdict(chosen: str) -> Verdict | None:
    """None for what is no verdict."""
    return Verdict(chosen) if chosen in set(Verdict) else None


def _reasons(groups: Sequence[Sequence[str]]) -> tuple[tuple[int, Reason], ...]:
    return tuple(
        (position, Reason(value)) for position, group in enumerate(groups) for value in group
    )
